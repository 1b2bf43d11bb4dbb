/** Ed25519 on this device: the browser's own where it has it, else a bundled library. */

import type { Bytes } from './codec';

/** A phone's key. The browser's own cannot be read out again, not even by this page. */
export type DeviceKey = { kind: 'native'; pair: CryptoKeyPair } | { kind: 'bundled'; seed: Bytes };

const NAME = 'Ed25519';
let native: Promise<boolean> | undefined;

/** Tell whether the browser knows Ed25519. */
export function isNative(): Promise<boolean> {
  native ??= crypto.subtle.generateKey(NAME, false, ['sign', 'verify']).then(
    () => true,
    () => false,
  );
  return native;
}

export async function makeKey(): Promise<DeviceKey> {
  if (await isNative()) return { kind: 'native', pair: (await crypto.subtle.generateKey(NAME, false, ['sign', 'verify'])) as CryptoKeyPair };
  return { kind: 'bundled', seed: crypto.getRandomValues(new Uint8Array(32)) };
}

export async function publicKey(key: DeviceKey): Promise<Bytes> {
  if (key.kind === 'native') return new Uint8Array(await crypto.subtle.exportKey('raw', key.pair.publicKey));
  const { getPublicKeyAsync } = await import('@noble/ed25519');
  return new Uint8Array(await getPublicKeyAsync(key.seed));
}

export async function sign(key: DeviceKey, message: Bytes): Promise<Bytes> {
  if (key.kind === 'native') return new Uint8Array(await crypto.subtle.sign(NAME, key.pair.privateKey, message));
  const { signAsync } = await import('@noble/ed25519');
  return new Uint8Array(await signAsync(message, key.seed));
}

/** Tell whether a signature is right; never throws for what anybody may show. */
export async function verify(publicKeyBytes: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  try {
    if (await isNative()) {
      const key = await crypto.subtle.importKey('raw', publicKeyBytes, NAME, false, ['verify']);
      return await crypto.subtle.verify(NAME, key, signature, message);
    }
    const { verifyAsync } = await import('@noble/ed25519');
    return await verifyAsync(signature, message, publicKeyBytes, { zip215: false });
  } catch {
    return false;
  }
}
