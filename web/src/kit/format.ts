import { session } from './session.svelte';
import { reader, say, type Text } from './text.svelte';

const NOW: Text = ['刚刚', 'just now'];
const MINUTES_AGO: Text = ['{n} 分钟前', '{n} min ago'];
const IN_MINUTES: Text = ['{n} 分钟后', 'in {n} min'];
const DUE: Text = ['马上', 'any moment'];
const METRES: Text = ['{n} 米', '{n} m'];
const KILOMETRES: Text = ['{n} 公里', '{n} km'];
const MINUTES: Text = ['{n} 分钟', '{n} min'];

function formatted(iso: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(reader.locale, { timeZone: session.zone, hour12: false, ...options }).format(new Date(iso));
}

/** 14:05 in the community's zone. */
export function clockTime(iso: string): string {
  return formatted(iso, { hour: '2-digit', minute: '2-digit' });
}

/** Which day an instant falls on in the community's zone: equal for one day. */
export function day(iso: string): string {
  return formatted(iso, { year: 'numeric', month: '2-digit', day: '2-digit' });
}

/** The present month in the community's zone, as 2026-03. */
export function monthNow(): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: session.zone, year: 'numeric', month: '2-digit' }).formatToParts(new Date());
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}`;
}

/** The time alone for today, with the day for any other. */
export function moment(iso: string): string {
  const isToday = day(iso) === day(new Date().toISOString());
  return isToday ? clockTime(iso) : formatted(iso, { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' });
}

export function ago(iso: string): string {
  const minutes = Math.floor((Date.now() - Date.parse(iso)) / 60_000);
  if (minutes < 1) return say(NOW);
  return minutes < 60 ? say(MINUTES_AGO, { n: minutes }) : moment(iso);
}

export function ahead(iso: string): string {
  const minutes = Math.round((Date.parse(iso) - Date.now()) / 60_000);
  if (minutes < 1) return say(DUE);
  return minutes < 60 ? say(IN_MINUTES, { n: minutes }) : moment(iso);
}

export function money(fen: number): string {
  return new Intl.NumberFormat(reader.locale, { style: 'currency', currency: 'CNY', currencyDisplay: 'narrowSymbol' }).format(fen / 100);
}

export function distance(metres: number): string {
  return metres < 1000 ? say(METRES, { n: Math.round(metres) }) : say(KILOMETRES, { n: (metres / 1000).toFixed(1) });
}

export function duration(seconds: number): string {
  return say(MINUTES, { n: Math.max(1, Math.round(seconds / 60)) });
}

export function number(value: number): string {
  return new Intl.NumberFormat(reader.locale).format(value);
}
