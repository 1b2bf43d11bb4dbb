import { api, call } from '../../kit/api';
import { Problem } from '../../kit/problem';
import { Resource } from '../../kit/resource.svelte';
import { here, session } from '../../kit/session.svelte';
import { queue } from './queue.svelte';
import type { Failure, Route, Stop } from './words';

const UNDO_MS = 10_000;

interface Done {
  stop: Stop;
  state: 'done' | 'failed';
  until: number;
}

/** The courier's way round: what the server says, and on top of it what was done here and is not there yet. */
export class Round {
  readonly resource = new Resource<Route>(() => call(api.GET('/api/c/{community}/deliveries/routes/mine', { params: { path: here() } })), 'courier.route');
  /** Steps that were taken on this phone, by stop; they hold until the server shows the same. */
  private taken = $state<Record<string, 'done' | 'failed' | 'todo'>>({});
  private loadedRoute = $state<string | null>(null);
  last = $state.raw<Done | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** The server says that there is none (any more). */
  get hasNone(): boolean {
    const { problem } = this.resource;
    return problem instanceof Problem && problem.code === 'deliveries.no_route';
  }

  get route(): Route | null {
    return this.hasNone ? null : this.resource.value;
  }

  get isLoaded(): boolean {
    return this.route !== null && this.loadedRoute === this.route.id;
  }

  stateOf(stop: Stop): Stop['state'] {
    return this.taken[stop.id] ?? stop.state;
  }

  get next(): Stop | null {
    return this.route?.stops.find((stop) => this.stateOf(stop) === 'todo') ?? null;
  }

  get left(): number {
    return this.route?.stops.filter((stop) => this.stateOf(stop) === 'todo').length ?? 0;
  }

  async load(counted: number): Promise<void> {
    const route = this.route;
    if (!route) return;
    this.loadedRoute = route.id;
    await this.step(`/routes/${route.id}/load`, { counted });
  }

  async finishStop(stop: Stop, proof: { code?: string; photo?: Blob } = {}): Promise<void> {
    this.mark(stop, 'done');
    const body = proof.code ? { proof: { kind: 'code', code: proof.code } } : {};
    await this.step(`/stops/${stop.id}/finish`, body, stop, proof.photo);
    void this.position(stop);
  }

  async failStop(stop: Stop, reason: Failure): Promise<void> {
    this.mark(stop, 'failed');
    await this.step(`/stops/${stop.id}/fail`, { reason }, stop);
  }

  async undo(): Promise<void> {
    const { last } = this;
    if (!last) return;
    this.last = null;
    this.taken = { ...this.taken, [last.stop.id]: 'todo' };
    if (!(await queue.takeBack(last.stop.id))) await this.step(`/stops/${last.stop.id}/undo`, {}, last.stop);
  }

  async finish(): Promise<void> {
    const route = this.route;
    if (route) await this.step(`/routes/${route.id}/finish`, {});
  }

  /** Where the cart is, as a point of the map; whoever watches the map sees it move. */
  private async position(stop: Stop): Promise<void> {
    const route = this.route;
    if (!route || !navigator.onLine) return;
    const body = { ...stop.halt, device_at: new Date().toISOString() };
    await call(api.POST('/api/c/{community}/deliveries/routes/{route_id}/position', { params: { path: here({ route_id: route.id }) }, body })).catch(() => undefined);
  }

  private mark(stop: Stop, state: 'done' | 'failed'): void {
    this.taken = { ...this.taken, [stop.id]: state };
    this.last = { stop, state, until: Date.now() + UNDO_MS };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.last = null), UNDO_MS);
  }

  private async step(path: string, body: Record<string, unknown>, stop?: Stop, photo?: Blob): Promise<void> {
    const withTime = path.endsWith('/finish') && path.startsWith('/routes') ? body : { ...body, device_at: new Date().toISOString() };
    await queue.add({ community: session.slug, path, body: withTime, ...(photo ? { photo } : {}), ...(stop ? { stopId: stop.id } : {}) });
    if (queue.waiting.length) return;
    await this.resource.load();
    // The server has spoken: what it says now holds.
    if (this.resource.standing === 'ready') {
      this.taken = {};
      this.loadedRoute = null;
    }
  }
}
