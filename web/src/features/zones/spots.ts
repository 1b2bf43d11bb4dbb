import { api, call } from '../../kit/api';
import type { Spot } from '../../kit/feature';
import { here } from '../../kit/session.svelte';
import { say } from '../../kit/text.svelte';
import { LEVELS } from './words';

const TONES: Readonly<Record<string, Spot['tone']>> = { red: 'red', amber: 'amber', blue: 'blue' };

/** Entrances in a zone now. */
export async function zoneSpots(): Promise<readonly Spot[]> {
  const { doors } = await call(api.GET('/api/c/{community}/zones/standing', { params: { path: here() } }));
  return doors.map(({ entrance_id, level }) => {
    const { name, tone } = LEVELS[level];
    return { entrance_id, mark: say(name).slice(0, 1), note: say(name), tone: TONES[tone] ?? 'blue' };
  });
}
