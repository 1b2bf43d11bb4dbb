import { get, set } from 'idb-keyval';
import { api, call, type Schemas } from '../../kit/api';
import { here, session } from '../../kit/session.svelte';
import { fromBase45, join, signedStep, stepAt, stepBytes, toBase45, toHex, type Bytes } from './codec';
import { makeKey, publicKey, sign, type DeviceKey } from './signing';

export type Pass = Schemas['PassesOut.PassOut'];
const SIGNATURE = 64;

/** A pass on this phone. */
interface Kept {
  signed: string;
  until_at: string;
}

interface Contents {
  key: DeviceKey | null;
  passes: Record<string, Kept>;
  /** The server's time minus this phone's, so that a phone whose clock is off shows codes that hold. */
  offset_ms: number;
}

/** The passes on this phone, and the key that no other phone has. */
export class Wallet {
  private contents = $state.raw<Contents>({ key: null, passes: {}, offset_ms: 0 });
  isOpen = $state(false);

  async open(): Promise<void> {
    const kept = await get<Contents>(this.name()).catch(() => undefined);
    if (kept) this.contents = kept;
    this.isOpen = true;
  }

  has(passId: string): boolean {
    return passId in this.contents.passes;
  }

  get now_ms(): number {
    return Date.now() + this.contents.offset_ms;
  }

  /** Put this phone's clock right by the server's. */
  async learnTime(now: string): Promise<void> {
    await this.put({ offset_ms: Date.parse(now) - Date.now() });
  }

  /** Fetch a pass onto this phone; another phone that had it loses it. */
  async take(passId: string): Promise<void> {
    const key = this.contents.key ?? (await makeKey());
    const body = { public_key: toHex(await publicKey(key)) };
    const answer = await call(api.POST('/api/c/{community}/gate/passes/{pass_id}/phone', { params: { path: here({ pass_id: passId }) }, body }));
    const passes = { ...this.contents.passes, [passId]: { signed: answer.signed, until_at: answer.until_at } };
    await this.put({ key, passes, offset_ms: Date.parse(answer.now) - Date.now() });
  }

  /** Drop what no longer holds; `ids`: the passes that do, as the server says. */
  async keepOnly(ids: readonly string[]): Promise<void> {
    const passes = Object.fromEntries(Object.entries(this.contents.passes).filter(([id]) => ids.includes(id)));
    if (Object.keys(passes).length !== Object.keys(this.contents.passes).length) await this.put({ passes });
  }

  /** The code of this half minute; null if the pass is not on this phone. */
  async code(passId: string): Promise<string | null> {
    const kept = this.contents.passes[passId];
    const { key } = this.contents;
    const signed = kept ? fromBase45(kept.signed) : null;
    if (!signed || !key) return null;
    const certificate: Bytes = signed.slice(0, -SIGNATURE);
    const step = stepAt(this.now_ms);
    return toBase45(join(signed, stepBytes(step), await sign(key, signedStep(certificate, step))));
  }

  private async put(change: Partial<Contents>): Promise<void> {
    this.contents = { ...this.contents, ...change };
    await set(this.name(), this.contents).catch(() => undefined);
  }

  private name(): string {
    return `gate.${session.slug}.wallet`;
  }
}
