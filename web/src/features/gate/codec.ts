/** The bytes of a code: what a phone shows and a scanner reads. The same as server/modules/gate/rules/codes.py. */

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const PASS_DOMAIN = 'linli gate pass 1';
const STEP_DOMAIN = 'linli gate step 1';
const KEY = 32;
const SIGNATURE = 64;
const EXEMPT = 0x10;
export const STEP_S = 30;
export const CLOCK_OFF_S = 600;

export type Bytes = Uint8Array<ArrayBuffer>;

export interface Code {
  kind: 'rotating' | 'paper';
  /** Not bound by hours and gates. */
  isExempt: boolean;
  /** Ten hexadecimal digits. */
  serial: string;
  until_s: number;
  certificate: Bytes;
  signature: Bytes;
  device: { key: Bytes; step: number; signature: Bytes } | null;
}

export function fromBase45(text: string): Bytes | null {
  if (text.length % 3 === 1) return null;
  const raw: number[] = [];
  for (let at = 0; at < text.length; at += 3) {
    const part = text.slice(at, at + 3);
    let value = 0;
    for (let n = part.length - 1; n >= 0; n -= 1) {
      const digit = ALPHABET.indexOf(part[n] ?? '');
      if (digit < 0) return null;
      value = value * 45 + digit;
    }
    if (value >= 256 ** (part.length - 1)) return null;
    if (part.length === 3) raw.push(value >> 8);
    raw.push(value & 0xff);
  }
  return new Uint8Array(raw);
}

export function toBase45(raw: Uint8Array): string {
  let text = '';
  for (let at = 0; at < raw.length; at += 2) {
    const isPair = at + 1 < raw.length;
    let value = isPair ? (raw[at] ?? 0) * 256 + (raw[at + 1] ?? 0) : (raw[at] ?? 0);
    for (let n = 0; n < (isPair ? 3 : 2); n += 1) {
      text += ALPHABET[value % 45] ?? '';
      value = Math.floor(value / 45);
    }
  }
  return text;
}

export function readCode(text: string): Code | null {
  const raw = fromBase45(text);
  if (!raw || raw.length === 0) return null;
  const first = raw[0] ?? 0;
  const isRotating = (first & 0x0f) === 1;
  if (first & 0xe0 || (!isRotating && (first & 0x0f) !== 2)) return null;
  const body = isRotating ? 10 + KEY : 10;
  if (raw.length !== body + SIGNATURE + (isRotating ? 4 + SIGNATURE : 0)) return null;
  const view = new DataView(raw.buffer);
  const step = body + SIGNATURE;
  return {
    kind: isRotating ? 'rotating' : 'paper',
    isExempt: (first & EXEMPT) !== 0,
    serial: toHex(raw.slice(1, 6)),
    until_s: view.getUint32(6),
    certificate: raw.slice(0, body),
    signature: raw.slice(body, step),
    device: isRotating ? { key: raw.slice(10, body), step: view.getUint32(step), signature: raw.slice(step + 4) } : null,
  };
}

/** What the community signs: its id stands before the pass, so that no other community's gate takes it. */
export function signedPass(community: string, certificate: Uint8Array): Bytes {
  return join(encoded(PASS_DOMAIN), fromHex(community.replaceAll('-', '')), certificate);
}

/** What the phone signs in each half minute. */
export function signedStep(certificate: Uint8Array, step: number): Bytes {
  return join(encoded(STEP_DOMAIN), certificate, stepBytes(step));
}

export function stepBytes(step: number): Bytes {
  const raw = new Uint8Array(4);
  new DataView(raw.buffer).setUint32(0, step);
  return raw;
}

export function stepAt(at_ms: number): number {
  return Math.floor(at_ms / 1000 / STEP_S);
}

export function encoded(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text));
}

export function toHex(raw: Uint8Array): string {
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(hex: string): Bytes {
  return new Uint8Array(hex.match(/../g)?.map((byte) => parseInt(byte, 16)) ?? []);
}

export function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

export function join(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
