import type { PickedLine } from '../../kit/feature';
import type { Kind } from './words';

export type When = 'now' | 'afternoon' | 'tomorrow';

export interface NeedDraft {
  kind: Kind | null;
  lines: PickedLine[];
  free: string;
  note: string;
  when: When;
}

export const freshDraft = (): NeedDraft => ({ kind: null, lines: [], free: '', note: '', when: 'now' });

/** "鸡蛋 30枚 x2" or "eggs ×2": a line a row, the number behind × if there is one. */
export function parseLines(written: string): PickedLine[] {
  return written
    .split(/[\n;；]/)
    .map((row) => row.trim())
    .filter(Boolean)
    .map((row) => {
      const found = /^(.*\S)\s*[x×*]\s*(\d{1,3})$/i.exec(row);
      const quantity = found ? Number(found[2]) : 1;
      return { text: (found?.[1] ?? row).slice(0, 120), quantity: Math.max(1, quantity), item_id: null };
    });
}

/** From when until when: now for the usual eight hours (null), this afternoon, or tomorrow morning; device's clock. */
export function windowOf(when: When, now: Date): { wanted_from: string; wanted_until: string } | null {
  if (when === 'now') return null;
  const from = new Date(now);
  const until = new Date(now);
  if (when === 'tomorrow') {
    from.setDate(from.getDate() + 1);
    until.setDate(until.getDate() + 1);
    from.setHours(9, 0, 0, 0);
    until.setHours(12, 0, 0, 0);
  } else {
    from.setHours(Math.max(14, now.getHours()), 0, 0, 0);
    until.setHours(18, 0, 0, 0);
  }
  return { wanted_from: from.toISOString(), wanted_until: until.toISOString() };
}

/** Whether "this afternoon" still lies ahead. */
export function hasAfternoon(now: Date): boolean {
  return now.getHours() < 17;
}

/** The body of the request. */
export function bodyOf(draft: NeedDraft & { kind: Kind }, now: Date) {
  const lines = [...draft.lines, ...parseLines(draft.free)].map(({ text, quantity, item_id }) => ({ text, quantity, ...(item_id ? { item_id } : {}) }));
  return { kind: draft.kind, lines, ...(draft.note.trim() ? { note: draft.note.trim() } : {}), ...(windowOf(draft.when, now) ?? {}) };
}
