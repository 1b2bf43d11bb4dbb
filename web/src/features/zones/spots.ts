import { api, call } from '../../kit/api';
import type { Spot } from '../../kit/feature';
import { here } from '../../kit/session.svelte';
import { say } from '../../kit/text.svelte';
import { LEVELS } from './words';

const TONES: Readonly<Record<string, Spot['tone']>> = { red: 'red', amber: 'amber', blue: 'blue' };

/** Entrances in a zone now, where the map has them. */
export async function zoneSpots(): Promise<readonly Spot[]> {
  const path = here();
  const [standing, map] = await Promise.all([
    call(api.GET('/api/c/{community}/zones/standing', { params: { path } })),
    call(api.GET('/api/c/{community}/places/map', { params: { path } })),
  ]);
  const doors = new Map(map.entrances.map((entrance) => [entrance.id, entrance]));
  const buildings = new Map(map.buildings.map((building) => [building.id, building.label]));
  return standing.doors.flatMap(({ entrance_id, level }) => {
    const door = doors.get(entrance_id);
    if (!door) return [];
    const { name, tone } = LEVELS[level];
    const place = `${buildings.get(door.building_id) ?? ''}-${door.label}`;
    return [{ id: `${entrance_id} ${level}`, x_m: door.x_m, y_m: door.y_m, mark: say(name).slice(0, 1), place, note: say(name), tone: TONES[tone] ?? 'blue' }];
  });
}
