import { get, set } from 'idb-keyval';
import { newKey, send } from '../../kit/api';
import { Offline, Problem } from '../../kit/problem';

/** A step taken at the door, kept on the phone until the server has it. Steps go out one by one, in their order. */
export interface Queued {
  key: string;
  community: string;
  path: string;
  body: Record<string, unknown>;
  /** A photo that goes first; its id then stands in the body's proof. */
  photo?: Blob;
  stopId?: string;
}

export interface Refusal {
  step: Queued;
  message: string;
}

const KEPT = 'courier.queue';
const RETRY_MS = 8_000;

/** What one step needs of the network; a test gives a fake. */
export type Sender = (step: Queued) => Promise<void>;

/** Where steps outlive the page. */
export interface Shelf {
  read: () => Promise<Queued[] | undefined>;
  keep: (steps: Queued[]) => Promise<void>;
}

const phone: Shelf = { read: () => get<Queued[]>(KEPT), keep: (steps) => set(KEPT, steps) };

async function sendStep(step: Queued): Promise<void> {
  const base = `/api/c/${step.community}/deliveries`;
  const body = { ...step.body };
  if (step.photo) {
    const form = new FormData();
    form.append('file', step.photo, 'proof.jpg');
    const made = (await send(`${base}/photos`, form, { 'Idempotency-Key': `${step.key}-photo` })) as { id: string };
    body['proof'] = { kind: 'photo', photo_id: made.id };
  }
  await send(`${base}${step.path}`, JSON.stringify(body), { 'Content-Type': 'application/json', 'Idempotency-Key': step.key });
}

export class Queue {
  waiting = $state.raw<Queued[]>([]);
  refused = $state.raw<Refusal[]>([]);
  private opening: Promise<void> | null = null;
  private sending: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly sender: Sender = sendStep,
    private readonly shelf: Shelf = phone,
  ) {}

  /** What lies on this phone only: not sent yet, or refused and not looked at. */
  get left(): number {
    return this.waiting.length + this.refused.length;
  }

  /** Take up what an earlier visit left, once, and try to send it now and whenever the network is back. */
  async open(): Promise<void> {
    this.opening ??= this.takeUp();
    await this.opening;
    await this.flush();
  }

  async add(step: Omit<Queued, 'key'>): Promise<void> {
    this.waiting = [...this.waiting, { ...step, key: newKey() }];
    await this.keep();
    await this.flush();
  }

  /** Take a stop's last step back if nobody has seen it yet; false if it is gone already. */
  async takeBack(stopId: string): Promise<boolean> {
    const last = this.waiting.findLastIndex((step) => step.stopId === stopId);
    if (last < 0 || (last === 0 && this.sending)) return false;
    this.waiting = this.waiting.filter((_, i) => i !== last);
    await this.keep();
    return true;
  }

  forget(refusal: Refusal): void {
    this.refused = this.refused.filter((r) => r !== refusal);
  }

  /** Send what waits; settles when all is sent, or when the network is gone. */
  flush(): Promise<void> {
    if (!this.sending && this.waiting.length > 0) this.sending = this.sendAll();
    return this.sending ?? Promise.resolve();
  }

  private async takeUp(): Promise<void> {
    const kept = (await this.shelf.read().catch(() => [])) ?? [];
    this.waiting = [...kept, ...this.waiting];
    addEventListener('online', () => void this.flush());
  }

  private async sendAll(): Promise<void> {
    clearTimeout(this.timer);
    try {
      for (let step = this.waiting[0]; step; step = this.waiting[0]) {
        const isSettled = await this.attempt(step);
        if (!isSettled) return;
        this.waiting = this.waiting.slice(1);
        await this.keep();
      }
    } finally {
      // Here and not one tick later: a step that is added next must find nobody sending.
      this.sending = null;
    }
  }

  private async keep(): Promise<void> {
    // A phone without room keeps them in memory: better than to stop the round.
    await this.shelf.keep(this.waiting).catch(() => undefined);
  }

  /** True once the server has said yes or no; false to try again later. */
  private async attempt(step: Queued): Promise<boolean> {
    try {
      await this.sender(step);
      return true;
    } catch (error) {
      const isLater = error instanceof Offline || (error instanceof Problem && (error.status >= 500 || error.status === 429));
      if (isLater) {
        this.timer = setTimeout(() => void this.flush(), RETRY_MS);
        return false;
      }
      this.refused = [...this.refused, { step, message: error instanceof Error ? error.message : String(error) }];
      return true;
    }
  }
}

export const queue = new Queue();
