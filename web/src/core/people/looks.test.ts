import { describe, expect, it } from 'vitest';
import { visits, type Look } from './looks';

const look = (at: string, more: Partial<Look> = {}): Look => ({ viewer_name: '王', role: 'officer', purpose: 'needs', fields: ['lines'], at, ...more });
const day = (iso: string): string => iso.slice(0, 10);

describe('who looked', () => {
  it('is told once a day for each person and purpose, with how often and what in all', () => {
    const found = visits([look('2026-03-02T10:00Z', { fields: ['lines', 'note'] }), look('2026-03-02T09:00Z'), look('2026-03-01T09:00Z')], day);
    expect(found.map((visit) => [visit.last, visit.times, visit.fields])).toEqual([
      ['2026-03-02T10:00Z', 2, ['lines', 'note']],
      ['2026-03-01T09:00Z', 1, ['lines']],
    ]);
  });

  it('keeps apart who looked, as what and for what', () => {
    const at = '2026-03-02T10:00Z';
    expect(visits([look(at), look(at, { viewer_name: '李' }), look(at, { role: 'guard' }), look(at, { purpose: 'people' })], day)).toHaveLength(4);
  });
});
