import { get } from 'idb-keyval';
import { session } from '../../kit/session.svelte';

/** Try to send the scans that were decided without network; returns how many are on this device only. */
export async function leftOnPhone(): Promise<number> {
  const kept = session.community ? await get<unknown[]>(`gate.${session.slug}.log`).catch(() => undefined) : undefined;
  if (!kept?.length) return 0;
  // A phone that never scanned need not load the scanner.
  const { station } = await import('./station.svelte');
  await station.takeUp();
  return station.send();
}
