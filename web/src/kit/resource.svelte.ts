import { get, set } from 'idb-keyval';
import { Offline } from './problem';

export type Standing = 'loading' | 'ready' | 'failed' | 'offline';

/** Something fetched: what it is, how it stands, and how to fetch it again. Keeps showing the last value meanwhile. */
export class Resource<T> {
  value = $state.raw<T | null>(null);
  standing = $state<Standing>('loading');
  problem = $state<Error | null>(null);
  private turn = 0;

  /** `keep`: a name under which the last value is kept on the device, for when there is no network. */
  constructor(
    private readonly fetch: () => Promise<T>,
    private readonly keep?: string,
  ) {
    void this.load();
  }

  load = async (): Promise<void> => {
    const turn = ++this.turn;
    try {
      const value = await this.fetch();
      if (turn !== this.turn) return;
      this.value = value;
      this.standing = 'ready';
      this.problem = null;
      if (this.keep) await set(this.keep, value).catch(() => undefined);
    } catch (error) {
      if (turn !== this.turn) return;
      this.problem = error instanceof Error ? error : new Error(String(error));
      this.standing = error instanceof Offline ? 'offline' : 'failed';
      if (this.standing === 'offline' && this.keep && this.value === null) this.value = (await get<T>(this.keep)) ?? null;
    }
  };
}
