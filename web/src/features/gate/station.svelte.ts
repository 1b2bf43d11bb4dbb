import { get, set } from 'idb-keyval';
import { api, call, newKey, type Schemas } from '../../kit/api';
import { Problem } from '../../kit/problem';
import { here, session } from '../../kit/session.svelte';
import { judge, isStale, type Outcome, type Reason, type Seen, type Shown } from './judging';
import { keyOf, openList, type GateList, type SignedList } from './list';

/** After so long the scanner goes by its own list: people stand at the gate. */
const ANSWER_WITHIN_MS = 900;
const LIST_EVERY_MS = 60_000;
const SEND_AGAIN_MS = 15_000;
const KEEP_SEEN_MS = 12 * 3_600_000;
const SEND_AT_ONCE = 200;
/** The camera sees one code many times a second. */
const SAME_CODE_MS = 6_000;

type Logged = Schemas['LogIn.LoggedIn'];

/** What the guard is shown. `isStale`: the list is too old to go by. */
export interface Verdict {
  outcome: Outcome;
  reasons: Reason[];
  isOffline: boolean;
  isStale: boolean;
  name: string;
  home: string;
  subject: string;
  shown: Shown;
}

/** A scanner: asks the server, and decides by its signed list where that does not answer. */
export class Station {
  verdict = $state.raw<Verdict | null>(null);
  isBusy = $state(false);
  list = $state.raw<GateList | null>(null);
  waiting = $state.raw<Logged[]>([]);
  isOnline = $state(navigator.onLine);
  now_ms = $state(Date.now());
  private kept: SignedList | null = null;
  private offset_ms = 0;
  private seen: Record<string, number> = {};
  private last = { text: '', at: 0 };
  private sending = false;

  /** Take up what is kept on this device, then keep it fresh until the returned function is called. */
  open(): () => void {
    void this.takeUp().then(() => this.fetchList());
    const timers = [
      setInterval(() => void this.fetchList(), LIST_EVERY_MS),
      setInterval(() => void this.send(), SEND_AGAIN_MS),
      setInterval(() => (this.now_ms = this.serverNow()), 1_000),
    ];
    const back = (): void => void this.fetchList();
    const gone = (): void => void (this.isOnline = false);
    addEventListener('online', back);
    addEventListener('offline', gone);
    return () => {
      timers.forEach(clearInterval);
      removeEventListener('online', back);
      removeEventListener('offline', gone);
    };
  }

  get age_min(): number | null {
    return this.list ? Math.max(0, Math.floor((this.now_ms - this.list.issued_ms) / 60_000)) : null;
  }

  get isListStale(): boolean {
    return isStale(this.list, this.now_ms);
  }

  /** Fetch the list; a scanner without network keeps the one it has. */
  fetchList = async (): Promise<void> => {
    try {
      // Opened without network, the page has no token for what it sends.
      if (session.isOffline) await session.open();
      const answer = await call(api.GET('/api/c/{community}/gate/list', { params: { path: here() } }));
      const opened = await openList(answer, keyOf(this.kept));
      this.isOnline = true;
      if (!opened) return;
      this.offset_ms = Date.parse(answer.now) - Date.now();
      this.now_ms = this.serverNow();
      this.list = opened;
      this.kept = { payload: answer.payload, signature: answer.signature };
      await this.keep('list', { ...this.kept, offset_ms: this.offset_ms });
      void this.send();
    } catch {
      this.isOnline = false;
    }
  };

  /** A code came before the camera: once, however often it is seen. */
  async seeCode(text: string, shown: Omit<Shown, 'text' | 'how'>): Promise<void> {
    const at = Date.now();
    if (this.isBusy || (text === this.last.text && at - this.last.at < SAME_CODE_MS)) {
      if (text === this.last.text) this.last.at = at;
      return;
    }
    this.last = { text, at };
    await this.show({ ...shown, text, how: 'code' });
  }

  /** Judge what was shown; `override`: let out all the same, and why. */
  async show(shown: Shown, override: string | null = null): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    const ref = newKey();
    try {
      this.verdict = (await this.ask(ref, shown, override)) ?? (await this.decide(ref, shown, override));
    } finally {
      this.isBusy = false;
    }
  }

  /** Send what was decided without network; returns how much is left. */
  send = async (): Promise<number> => {
    if (this.sending || this.waiting.length === 0) return this.waiting.length;
    this.sending = true;
    try {
      while (this.waiting.length) {
        const some = this.waiting.slice(0, SEND_AT_ONCE);
        await call(api.POST('/api/c/{community}/gate/log', { params: { path: here() }, body: { scans: some } }));
        this.waiting = this.waiting.slice(some.length);
        await this.keep('log', this.waiting);
      }
    } catch {
      // It stays on this device until there is network.
    } finally {
      this.sending = false;
    }
    return this.waiting.length;
  };

  takeUp = async (): Promise<void> => {
    const [list, log, seen] = await Promise.all([
      this.recall<SignedList & { offset_ms: number }>('list'),
      this.recall<Logged[]>('log'),
      this.recall<Record<string, number>>('seen'),
    ]);
    this.waiting = [...(log ?? []), ...this.waiting];
    this.seen = { ...seen, ...this.seen };
    if (!list) return;
    this.offset_ms = list.offset_ms;
    this.kept = { payload: list.payload, signature: list.signature };
    this.list = await openList(list, null);
    this.now_ms = this.serverNow();
  };

  /** The server's verdict, or null if none comes in time. A refusal of the request itself is told as it is. */
  private async ask(ref: string, shown: Shown, override: string | null): Promise<Verdict | null> {
    if (!navigator.onLine) return null;
    const { how, text, direction, gateId, reading_tenths } = shown;
    const body = { ref, gate_id: gateId, direction, how, text, reading_tenths, override };
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    try {
      const answer = await call(api.POST('/api/c/{community}/gate/scans', { params: { path: here() }, body, signal }));
      this.isOnline = true;
      return { ...answer, isOffline: false, isStale: false, shown };
    } catch (error) {
      if (error instanceof Problem && error.status < 500 && error.status !== 401 && error.status !== 403) throw error;
      this.isOnline = false;
      return null;
    }
  }

  private async decide(ref: string, shown: Shown, override: string | null): Promise<Verdict> {
    const now_ms = this.serverNow();
    const judged = await judge(shown, this.list, this.seen, now_ms);
    const outcome: Outcome = override !== null && shown.direction === 'out' ? 'override' : judged.outcome;
    if (judged.use !== null && outcome !== 'deny') await this.note(judged.use, shown, now_ms);
    await this.log({
      ref,
      gate_id: shown.gateId,
      direction: shown.direction,
      how: judged.how,
      text: shown.text,
      at: new Date(now_ms).toISOString(),
      outcome,
      reasons: judged.reasons.map((reason) => reason.code),
      list_issued_at: this.list?.issued_at ?? null,
      why: override,
    });
    return { outcome, reasons: judged.reasons, isOffline: true, isStale: isStale(this.list, now_ms), name: '', home: '', subject: '', shown };
  }

  private async note(use: string, shown: Shown, now_ms: number): Promise<void> {
    // What does not change by itself may leave again once it has come home.
    const isBack = shown.direction === 'in' && !use.includes(':');
    const young = Object.entries(this.seen).filter(([, at]) => now_ms - at < KEEP_SEEN_MS);
    this.seen = Object.fromEntries(isBack ? young.filter(([key]) => key !== use) : [...young, [use, now_ms]]);
    await this.keep('seen', this.seen satisfies Seen);
  }

  private async log(row: Logged): Promise<void> {
    this.waiting = [...this.waiting, row];
    await this.keep('log', this.waiting);
    if (navigator.onLine) void this.send();
  }

  private serverNow(): number {
    return Date.now() + this.offset_ms;
  }

  private keep(what: string, value: unknown): Promise<void> {
    // A device without room goes on in memory: better than to close the gate.
    return set(`gate.${session.slug}.${what}`, value).catch(() => undefined);
  }

  private recall<T>(what: string): Promise<T | undefined> {
    return get<T>(`gate.${session.slug}.${what}`).catch(() => undefined);
  }
}

export const station = new Station();
