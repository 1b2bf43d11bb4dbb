import type { Schemas } from '../../kit/api';
import { say, type Text } from '../../kit/text.svelte';

export type Lane = Schemas['MapOut']['lanes'][number];

const UNNAMED: Text = ['无名道路', 'Unnamed lane'];

export function laneName(lane: Lane): string {
  return lane.name || `${say(UNNAMED)} ${lane.ref}`;
}
