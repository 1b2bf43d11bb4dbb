/** What a scanner decides by itself, without network: by signature, list, hours and what it has seen. */

import { CLOCK_OFF_S, STEP_S, readCode, signedPass, signedStep, stepAt, type Code } from './codec';
import { hasNumber, type GateList } from './list';
import { verify } from './signing';

export type Direction = 'out' | 'in';
export type How = 'code' | 'paper' | 'number' | 'document' | 'none';
export type Outcome = 'allow' | 'deny' | 'admit' | 'override';

export interface Reason {
  code: string;
  off_s?: number | null;
  next_at?: string | null;
  next_on?: string | null;
  since?: string | null;
}

export interface Shown {
  how: How;
  text: string;
  direction: Direction;
  gateId: string;
  reading_tenths: number | null;
}

export interface Judgement {
  outcome: Outcome;
  reasons: Reason[];
  how: How;
}

/** What this scanner has let out by itself: what was shown → when (milliseconds). */
export type Seen = Readonly<Record<string, number>>;

const AGAIN_AFTER_MS = 30 * 60_000;

export function isStale(list: GateList | null, now_ms: number): boolean {
  return list === null || now_ms - list.issued_ms > list.limit_min * 60_000;
}

/** Judge; `now_ms` by the server's clock as far as this device knows it. Coming in is always admitted. */
export async function judge(shown: Shown, list: GateList | null, seen: Seen, now_ms: number): Promise<Judgement & { use: string | null }> {
  const code = shown.how === 'code' || shown.how === 'paper' ? readCode(shown.text) : null;
  const how: How = code ? (code.kind === 'paper' ? 'paper' : 'code') : shown.how;
  const reasons: Reason[] = [];
  if (isStale(list, now_ms)) reasons.push({ code: 'stale' });
  let use: string | null = null;
  if (list) {
    if (code) {
      reasons.push(...(await aboutCode(code, list, now_ms)));
      use = code.device ? `${code.serial}:${code.device.step}` : code.serial;
    } else reasons.push(...(await aboutOthers(shown, list)));
    if (shown.how === 'number') use = shown.text;
    if (use !== null) reasons.push(...aboutUse(use, code, seen, now_ms));
    if (shown.direction === 'out') reasons.push(...aboutRules(shown, code, list, now_ms));
  }
  if (shown.direction === 'in') return { outcome: 'admit', reasons, how, use };
  return { outcome: reasons.length ? 'deny' : 'allow', reasons, how, use };
}

async function aboutCode(code: Code, list: GateList, now_ms: number): Promise<Reason[]> {
  const isSigned = await verify(list.key, code.signature, signedPass(list.community, code.certificate));
  const { device } = code;
  const isShownByPhone = !device || (await verify(device.key, device.signature, signedStep(code.certificate, device.step)));
  if (!isSigned || !isShownByPhone) return [{ code: 'forged' }];
  const reasons: Reason[] = [];
  if (list.blocked.has(code.serial)) reasons.push({ code: 'blocked' });
  if (code.until_s * 1000 <= now_ms) reasons.push({ code: 'expired' });
  if (device) {
    const off = (device.step - stepAt(now_ms)) * STEP_S;
    if (Math.abs(off) > CLOCK_OFF_S) reasons.push({ code: off < 0 ? 'code_old' : 'code_early' });
    else if (Math.abs(off) > STEP_S) reasons.push({ code: 'clock_off', off_s: off });
  }
  return reasons;
}

async function aboutOthers(shown: Shown, list: GateList): Promise<Reason[]> {
  if (shown.how === 'none') return [{ code: 'no_pass' }];
  if (shown.how === 'document') return [{ code: 'needs_network' }];
  if (shown.how === 'number') return (await hasNumber(list, shown.text)) ? [] : [{ code: 'unknown' }];
  return [{ code: 'unreadable' }];
}

function aboutUse(use: string, code: Code | null, seen: Seen, now_ms: number): Reason[] {
  const at = seen[use];
  if (at === undefined) return [];
  if (code?.device) return [{ code: 'double_use' }];
  return now_ms - at < AGAIN_AFTER_MS ? [{ code: 'already_out', since: new Date(at).toISOString() }] : [];
}

function aboutRules(shown: Shown, code: Code | null, list: GateList, now_ms: number): Reason[] {
  const reasons: Reason[] = [];
  if (list.closed_gates.includes(shown.gateId)) reasons.push({ code: 'gate_closed' });
  if (list.needs_reading && shown.reading_tenths === null) reasons.push({ code: 'reading_missing' });
  if (shown.reading_tenths !== null && shown.reading_tenths >= list.fever_tenths) reasons.push({ code: 'reading_high' });
  if (code?.isExempt) return reasons;
  const minute = localMinute(now_ms, list.zone);
  if (list.hours.length && !list.hours.some(([start, end]) => start <= minute && minute < end)) reasons.push({ code: 'hours' });
  if (list.gates.length && !list.gates.includes(shown.gateId)) reasons.push({ code: 'gate' });
  return reasons;
}

function localMinute(at_ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(at_ms);
  const value = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return value('hour') * 60 + value('minute');
}
