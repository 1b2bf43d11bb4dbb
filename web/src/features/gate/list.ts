/** The signed list by which a scanner works without network. */

import { encoded, fromBase64, join, toHex, type Bytes } from './codec';
import { verify } from './signing';

const LIST_DOMAIN = 'linli gate list 1';
const SERIAL_BYTES = 5;
const NUMBER_BYTES = 8;

export interface SignedList {
  payload: string;
  signature: string;
}

interface Payload {
  v: number;
  community: string;
  issued_at: string;
  limit_min: number;
  key: string;
  hours: [number, number][];
  gates: string[];
  zone: string;
  closed_gates: string[];
  needs_reading: boolean;
  fever_tenths: number;
  blocked: string;
  salt: string;
  numbers: string;
}

export interface GateList extends Omit<Payload, 'key' | 'blocked' | 'numbers'> {
  issued_ms: number;
  key: Bytes;
  blocked: ReadonlySet<string>;
  numbers: ReadonlySet<string>;
}

/** Open a list; null if its signature is wrong, or if it is signed by another key than the one known here. */
export async function openList(list: SignedList, knownKey: string | null): Promise<GateList | null> {
  let said: Payload;
  try {
    said = JSON.parse(list.payload) as Payload;
  } catch {
    return null;
  }
  if (said.v !== 1 || (knownKey !== null && said.key !== knownKey)) return null;
  const key = fromBase64(said.key);
  const isRight = await verify(key, fromBase64(list.signature), join(encoded(LIST_DOMAIN), encoded(list.payload)));
  if (!isRight) return null;
  return {
    ...said,
    key,
    issued_ms: Date.parse(said.issued_at),
    blocked: pieces(fromBase64(said.blocked), SERIAL_BYTES),
    numbers: pieces(fromBase64(said.numbers), NUMBER_BYTES),
  };
}

/** Tell whether six digits are on the list. */
export async function hasNumber(list: GateList, number: string): Promise<boolean> {
  const digest = await crypto.subtle.digest('SHA-256', encoded(list.salt + number));
  return list.numbers.has(toHex(new Uint8Array(digest).slice(0, NUMBER_BYTES)));
}

export function keyOf(list: SignedList | null): string | null {
  try {
    return list ? (JSON.parse(list.payload) as Payload).key : null;
  } catch {
    return null;
  }
}

function pieces(raw: Bytes, size: number): Set<string> {
  const hex = toHex(raw);
  return new Set(Array.from({ length: raw.length / size }, (_, n) => hex.slice(n * size * 2, (n + 1) * size * 2)));
}

