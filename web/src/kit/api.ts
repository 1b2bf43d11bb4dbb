import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from '../generated/api';
import { Offline, problemOf } from './problem';
import { reader } from './text.svelte';

export type Schemas = components['schemas'];

let csrfToken = '';

/** The token that every unsafe request must carry; it comes with the session. */
export function useCsrfToken(token: string): void {
  csrfToken = token;
}

export function newKey(): string {
  return crypto.randomUUID ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('-');
}

const courtesy: Middleware = {
  onRequest({ request }) {
    request.headers.set('Accept-Language', reader.locale);
    if (request.method === 'GET') return;
    request.headers.set('X-CSRF-Token', csrfToken);
    // A POST that is sent twice by a bad network happens once.
    if (request.method === 'POST' && !request.headers.has('Idempotency-Key')) request.headers.set('Idempotency-Key', newKey());
  },
};

export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });
api.use(courtesy);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Await an answer: its data, or a Problem or Offline thrown. */
export async function call<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch (error) {
    if (error instanceof TypeError) throw new Offline();
    throw error;
  }
  if (!answer.response.ok) throw problemOf(answer.response.status, answer.error);
  return answer.data as T;
}

/** A file, or any body that is not JSON; `path` is below the origin. */
export async function send(path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      body,
      credentials: 'same-origin',
      headers: { 'Accept-Language': reader.locale, 'X-CSRF-Token': csrfToken, 'Idempotency-Key': newKey(), ...headers },
    });
  } catch {
    throw new Offline();
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response.status, answer);
  return answer;
}
