import { clear } from 'idb-keyval';
import { api, call, useCsrfToken, type Schemas } from './api';
import { look } from './look.svelte';
import { reader } from './text.svelte';

export type Role = 'resident' | 'volunteer' | 'courier' | 'merchant' | 'guard' | 'grid_worker' | 'officer' | 'clinic' | 'admin';
type SessionOut = Schemas['SessionOut'];
type MyCommunity = Schemas['SessionOut.MyCommunityOut'];

const CHOSEN = 'linli.community';
const KEPT = 'linli.session';

/** Who is signed in, and in which community they act now. */
class Session {
  current = $state<SessionOut | null>(null);
  isOffline = $state(false);
  private chosen = $state<string | null>(localStorage.getItem(CHOSEN));

  get person(): Schemas['SessionOut.PersonOut'] | null {
    return this.current?.person ?? null;
  }

  get isDemo(): boolean {
    return this.current?.is_demo ?? false;
  }

  get community(): MyCommunity | null {
    const mine = this.current?.communities ?? [];
    return mine.find((c) => c.slug === this.chosen) ?? mine[0] ?? null;
  }

  get zone(): string {
    return this.community?.timezone ?? 'Asia/Shanghai';
  }

  /** The slug for a request's path. Raises when nobody acts in a community. */
  get slug(): string {
    if (!this.community) throw new Error('no community');
    return this.community.slug;
  }

  is(...roles: Role[]): boolean {
    const mine: readonly string[] = this.community?.roles ?? [];
    return roles.some((role) => mine.includes(role)) || (mine.includes('admin') && roles.includes('officer'));
  }

  has(module: string): boolean {
    return (this.community?.modules ?? []).includes(module);
  }

  choose(slug: string): void {
    this.chosen = slug;
    localStorage.setItem(CHOSEN, slug);
  }

  take(session: SessionOut): void {
    useCsrfToken(session.csrf_token);
    this.current = session;
    this.isOffline = false;
    // Without a network the page still knows whose it is; the server asks for the cookie again anyway.
    if (session.person) localStorage.setItem(KEPT, JSON.stringify({ ...session, csrf_token: '' }));
    else localStorage.removeItem(KEPT);
    if (session.person) look.follow(session.person.wants_elder_mode);
  }

  async open(): Promise<void> {
    try {
      this.take(await call(api.GET('/api/session')));
    } catch {
      const kept = localStorage.getItem(KEPT);
      this.current = kept ? (JSON.parse(kept) as SessionOut) : null;
      this.isOffline = true;
    }
  }

  async signOut(): Promise<void> {
    const session = await call(api.POST('/api/auth/sign-out'));
    // A shared phone keeps nothing of whoever used it last.
    await clear();
    localStorage.removeItem(KEPT);
    localStorage.removeItem(CHOSEN);
    this.take(session);
  }

  async wantElderMode(wants: boolean): Promise<void> {
    look.setElder(wants);
    if (this.person) await call(api.PATCH('/api/me', { body: { wants_elder_mode: wants } })).catch(() => undefined);
  }

  async readIn(locale: 'zh-CN' | 'en'): Promise<void> {
    reader.speak(locale);
    if (this.person) await call(api.PATCH('/api/me', { body: { locale } })).catch(() => undefined);
  }
}

export const session = new Session();

/** Path parameters of a request inside the community. */
export function here<T extends object>(more?: T): T & { community: string } {
  return { ...(more as T), community: session.slug };
}
