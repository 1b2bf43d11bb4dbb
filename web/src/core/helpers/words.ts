import type { Schemas } from '../../kit/api';
import type { Text } from '../../kit/text.svelte';

export type Skill = Schemas['HelperOut']['skills'][number];

export const SKILLS: Readonly<Record<Skill, Text>> = {
  care: ['照护老人', 'Elder care'],
  child_care: ['照看孩子', 'Child care'],
  pets: ['照料宠物', 'Pets'],
  repair: ['维修', 'Repair'],
  escort: ['陪同就医', 'Escort to hospital'],
  listening: ['倾听陪伴', 'Listening'],
};
export const SKILL_ORDER = Object.keys(SKILLS) as Skill[];

export const HELPER_STATES: Readonly<Record<string, { name: Text; colour: string }>> = {
  applied: { name: ['待审核', 'Applied'], colour: 'amber' },
  active: { name: ['已通过', 'Active'], colour: 'green' },
  suspended: { name: ['已停用', 'Suspended'], colour: 'red' },
};

export const HELPER_KINDS: Readonly<Record<string, Text>> = { volunteer: ['志愿者', 'Volunteer'], courier: ['配送员', 'Courier'] };

type Shift = Schemas['HelperOut']['shifts'][number];
export type Rest = NonNullable<Shift['rest']>;
export const REST_MINUTES = [15, 30, 60] as const;
const HALF_HOUR = 1_800_000;

/** When a rest of so many minutes could begin in what is left of a shift: every half hour by the clock. */
export function restStarts(shift: Pick<Shift, 'from_at' | 'until_at'>, minutes: number, now: Date): string[] {
  const last = Date.parse(shift.until_at) - minutes * 60_000;
  const starts = [];
  for (let at = Math.ceil(Math.max(Date.parse(shift.from_at), now.getTime()) / HALF_HOUR) * HALF_HOUR; at <= last; at += HALF_HOUR) starts.push(new Date(at).toISOString());
  return starts;
}

/** A rest that begins at about an instant: half an hour sooner or later, so that it fits between two doors. */
export function restOf(around: string, minutes: number, shift: Pick<Shift, 'from_at' | 'until_at'>): Rest {
  const [at, from, last] = [Date.parse(around), Date.parse(shift.from_at), Date.parse(shift.until_at) - minutes * 60_000];
  const iso = (time: number): string => new Date(Math.min(last, Math.max(from, time))).toISOString();
  return { from_at: iso(at - HALF_HOUR), until_at: iso(at + HALF_HOUR), minutes };
}

/** The next `hours` from now as a shift. */
export function shiftOf(hours: number, now: Date): Schemas['ShiftIn'] {
  return { from_at: now.toISOString(), until_at: new Date(now.getTime() + hours * 3_600_000).toISOString() };
}
