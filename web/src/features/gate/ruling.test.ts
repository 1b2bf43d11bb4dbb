import { describe, expect, it } from 'vitest';
import { fieldsOf, readHours, rulesOf, type Rules } from './ruling';
import { period } from './when';

const RULES: Rules = { quota: { most_exits: 1, per_days: 2 }, hours: [[420, 570]], fever_tenths: 373, list_limit_min: 30, kinds: ['resident'] };

describe('the rules as a form', () => {
  it('reads hours as people write them', () => {
    expect(readHours('7:00-9:30, 16-18')).toEqual([[420, 570], [960, 1080]]);
    expect(readHours('7：00～9：30，16-24')).toEqual([[420, 570], [960, 1440]]);
    expect(readHours('')).toEqual([]);
    for (const bad of ['9-7', '7', '7-25', '7-9, 8-10', 'morning']) expect(readHours(bad)).toBeNull();
  });

  it('gives back what it was given', () => {
    expect(rulesOf(fieldsOf(RULES), RULES)).toMatchObject({ ...RULES });
  });

  it('keeps what it has no field for, and refuses what it cannot read', () => {
    expect(rulesOf({ ...fieldsOf(RULES), hasQuota: false }, RULES)).toMatchObject({ quota: null, kinds: ['resident'] });
    expect(rulesOf({ ...fieldsOf(RULES), fever: 'warm' }, RULES)).toBeNull();
  });
});

describe('when', () => {
  it('ends at a midnight and begins before it ends', () => {
    const now = new Date(2026, 2, 2, 9, 30);
    for (const span of ['today', 'tomorrow', 'week', 'two_weeks'] as const) {
      const { from_at, until_at } = period(span, now);
      expect(Date.parse(from_at)).toBeLessThan(Date.parse(until_at));
      expect(new Date(until_at).getHours()).toBe(0);
    }
  });
});
