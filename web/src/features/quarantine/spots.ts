import { api, call } from '../../kit/api';
import type { Spot } from '../../kit/feature';
import { here } from '../../kit/session.svelte';
import { say } from '../../kit/text.svelte';

/** Isolated homes on the map, counted by entrance: names stay on the desk. */
export async function isolationSpots(): Promise<readonly Spot[]> {
  const { items } = await call(api.GET('/api/c/{community}/quarantine/spots', { params: { path: here() } }));
  return items.map((one) => {
    const notes = [say(['{n} 户', '{n|home|homes}'], { n: one.homes })];
    if (one.overdue) notes.push(say(['{n} 户到期', '{n} past the end'], { n: one.overdue }));
    if (one.silent) notes.push(say(['{n} 户未报告', '{n} silent'], { n: one.silent }));
    return { entrance_id: one.entrance_id, mark: String(one.homes), note: notes.join(' · '), tone: 'red' };
  });
}
