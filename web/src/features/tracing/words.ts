import type { Schemas } from '../../kit/api';
import type { Text } from '../../kit/text.svelte';

export type Candidate = Schemas['CaseOut.CandidateOut'];

/** Where a home was seen; a source that a later module adds shows its own code until it has a word here. */
export const SOURCES: Readonly<Record<string, Text>> = {
  gate: ['大门', 'gate'],
  lift: ['电梯', 'lift'],
  drop: ['取件', 'parcels'],
  venue: ['场所', 'venue'],
};

export const STATES: Readonly<Record<Candidate['state'], { name: Text; tone: string }>> = {
  found: { name: ['待判断', 'To be decided'], tone: '' },
  confirmed: { name: ['已确认并告知', 'Confirmed and told'], tone: 'amber' },
  dismissed: { name: ['已排除', 'Dismissed'], tone: '' },
};
