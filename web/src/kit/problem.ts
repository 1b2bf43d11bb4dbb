import { say, type Text } from './text.svelte';

const OFFLINE: Text = ['网络不通。内容已保留，联网后再试。', 'No network. What you typed is kept: try again once you are online.'];
const UNCLEAR: Text = ['服务器没有正常回应，请稍后再试。', 'The server gave no proper answer: try again shortly.'];

export interface FieldError {
  field: string;
  message: string;
}

/** A refusal by the server (RFC 9457), already worded in the reader's language. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    title: string,
    readonly facts: Record<string, unknown> = {},
  ) {
    super(title);
  }

  /** What is wrong with which field; empty unless the request itself was malformed. */
  get fields(): FieldError[] {
    const byField = record(record(this.facts['fields'])['json']);
    return Object.entries(byField).map(([field, messages]) => ({ field, message: Array.isArray(messages) ? messages.join(' ') : String(messages) }));
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** The request reached nobody. */
export class Offline extends Error {
  constructor() {
    super(say(OFFLINE));
  }
}

/** Read an answer's body as a problem, whatever it is. */
export function problemOf(status: number, body: unknown): Problem {
  if (typeof body === 'object' && body !== null && 'code' in body && 'title' in body) {
    const { code, title, facts } = body as { code: unknown; title: unknown; facts?: unknown };
    return new Problem(String(code), status, String(title), (facts ?? {}) as Record<string, unknown>);
  }
  return new Problem('http.unclear', status, say(UNCLEAR));
}
