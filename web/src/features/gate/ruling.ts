import type { Schemas } from '../../kit/api';

export type Rules = Schemas['RulesOut']['rules'];

/** The rules as fields of a form. */
export interface RuleFields {
  hasQuota: boolean;
  most: number;
  days: number;
  hours: string;
  gates: string[];
  purposes: string[];
  approved: string[];
  needsReading: boolean;
  fever: string;
  limit: number;
}

export function fieldsOf(rules: Rules): RuleFields {
  return {
    hasQuota: Boolean(rules.quota),
    most: rules.quota?.most_exits ?? 1,
    days: rules.quota?.per_days ?? 2,
    hours: (rules.hours ?? []).map(([start = 0, end = 0]) => `${clock(start)}-${clock(end)}`).join(', '),
    gates: rules.gates ?? [],
    purposes: rules.purposes ?? [],
    approved: rules.approved_by_rule ?? [],
    needsReading: rules.needs_reading ?? false,
    fever: ((rules.fever_tenths ?? 373) / 10).toFixed(1),
    limit: rules.list_limit_min ?? 30,
  };
}

/** The fields as rules, the rest as it was; null for hours or a temperature that cannot be read. */
export function rulesOf(fields: RuleFields, before: Rules): Rules | null {
  const hours = readHours(fields.hours);
  const fever = Math.round(Number(fields.fever.replace(',', '.')) * 10);
  if (!hours || !(fever >= 350 && fever <= 420)) return null;
  return {
    ...before,
    quota: fields.hasQuota ? { most_exits: fields.most, per_days: fields.days } : null,
    hours,
    gates: fields.gates,
    purposes: fields.purposes,
    approved_by_rule: fields.approved,
    needs_reading: fields.needsReading,
    fever_tenths: fever,
    list_limit_min: fields.limit,
  };
}

/** "7:00-9:30, 16-18" as minutes of the day; null if it is not that. */
export function readHours(text: string): [number, number][] | null {
  const spans: [number, number][] = [];
  for (const part of text.split(/[,，;；]/).filter((one) => one.trim())) {
    const found = /^\s*(\d{1,2})(?:[:：](\d{2}))?\s*[-–—~～]\s*(\d{1,2})(?:[:：](\d{2}))?\s*$/.exec(part);
    if (!found) return null;
    const [start, end] = [minutes(found[1], found[2]), minutes(found[3], found[4])];
    if (start >= end || end > 24 * 60 || start < (spans.at(-1)?.[1] ?? -2) + 1) return null;
    spans.push([start, end]);
  }
  return spans;
}

function minutes(hours: string | undefined, rest: string | undefined): number {
  return Number(hours) * 60 + Number(rest ?? 0);
}

function clock(minute: number): string {
  return `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
}
