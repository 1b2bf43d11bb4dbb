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

/** The next `hours` from now as a shift. */
export function shiftOf(hours: number, now: Date): Schemas['ShiftIn'] {
  return { from_at: now.toISOString(), until_at: new Date(now.getTime() + hours * 3_600_000).toISOString() };
}
