import type { Socket } from 'socket.io-client';
import { session } from './session.svelte';

export interface Fact {
  seq: number;
  /** The number of the room's message before; only on what comes by itself, not on what was asked for. */
  previous?: number;
  room: string;
  kind: string;
  at: string;
  data: Record<string, unknown>;
}

interface Watcher {
  community: string;
  room: string;
  seq: number;
  tell: (fact: Fact) => void;
  /** Facts that came while the missed ones were being fetched; they are told behind those. */
  held: Fact[] | null;
}

const FROM_NOW = -1;
/** How often a page asks whether it missed anything: whatever went wrong between the servers, it is late, not wrong. */
const ASK_AGAIN_MS = 60_000;

/** The live channel. After a drop every room is resumed behind the last fact that was seen. */
class Live {
  isUp = $state(false);
  private asking: ReturnType<typeof setInterval> | undefined;
  private socket: Socket | null = null;
  private opening: Promise<Socket> | null = null;
  private readonly watchers = new Set<Watcher>();

  /** Hear a room's facts until the returned function is called. */
  watch(room: string, tell: (fact: Fact) => void): () => void {
    const watcher: Watcher = { community: session.slug, room, seq: FROM_NOW, tell, held: null };
    this.watchers.add(watcher);
    this.asking ??= setInterval(() => this.askAgain(), ASK_AGAIN_MS);
    void this.open().then((socket) => {
      if (socket.connected) this.resume(watcher);
    });
    return () => {
      this.watchers.delete(watcher);
      const isWanted = [...this.watchers].some((w) => w.room === room && w.community === watcher.community);
      if (!isWanted) this.socket?.emit('leave', { community: watcher.community, room });
    };
  }

  private open(): Promise<Socket> {
    // The channel's code comes after the first paint: a resident's page is readable before it.
    this.opening ??= import('socket.io-client').then(({ io }) => {
      const socket = io({ transports: ['websocket'], reconnectionDelayMax: 10_000 });
      socket.on('connect', () => {
        this.isUp = true;
        for (const watcher of this.watchers) this.resume(watcher);
      });
      socket.on('disconnect', (reason) => {
        this.isUp = false;
        // Closed by the server because a role ended: ask again with the rights of now.
        if (reason === 'io server disconnect') socket.connect();
      });
      socket.on('fact', (fact: Fact) => this.hear(fact));
      this.socket = socket;
      return socket;
    });
    return this.opening;
  }

  private resume(watcher: Watcher): void {
    const { community, room, seq } = watcher;
    watcher.held = [];
    this.socket?.emit('watch', { community, room, after: seq }, (answer: { seq?: number; messages?: Fact[]; error?: string }) => {
      const came = [...(answer.messages ?? []), ...(watcher.held ?? [])];
      watcher.held = null;
      for (const fact of came) this.give(watcher, fact);
      watcher.seq = Math.max(watcher.seq, answer.seq ?? watcher.seq);
    });
  }

  private askAgain(): void {
    if (!this.isUp || document.hidden) return;
    for (const watcher of this.watchers) if (!watcher.held) this.resume(watcher);
  }

  private hear(fact: Fact): void {
    for (const watcher of this.watchers) if (watcher.room === fact.room) this.give(watcher, fact);
  }

  private give(watcher: Watcher, fact: Fact): void {
    if (watcher.held) return void watcher.held.push(fact);
    if (fact.seq <= watcher.seq) return;
    // One before this never came: fetch both.
    if ((fact.previous ?? 0) > watcher.seq) return this.resume(watcher);
    watcher.seq = fact.seq;
    watcher.tell(fact);
  }

  /** Another person signed in: the old socket's rights are not theirs. */
  close(): void {
    this.socket?.close();
    this.socket = null;
    this.opening = null;
    this.isUp = false;
  }
}

export const live = new Live();

/** Call `then` soon after the last of several facts, once. */
export function settled(then: () => void, wait_ms = 250): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(then, wait_ms);
  };
}
