import type { components } from '../../generated/api';
import type { Text } from '../../kit/text.svelte';

export type Look = components['schemas']['LooksOut.LookOut'];

/** What one person looked at for one purpose on one day; `times` is how often. */
export interface Visit {
  who: string;
  role: string;
  purpose: string;
  fields: readonly string[];
  last: string;
  times: number;
}

/** Put together what one person looked at for one purpose on one day, the newest first. `day` names the day of an instant. */
export function visits(looks: readonly Look[], day: (iso: string) => string): Visit[] {
  const found = new Map<string, Visit>();
  for (const look of looks) {
    const key = [look.viewer_name, look.role, look.purpose, day(look.at)].join('\n');
    const known = found.get(key);
    if (known) {
      known.times += 1;
      known.fields = [...new Set([...known.fields, ...look.fields])];
    } else {
      found.set(key, { who: look.viewer_name, role: look.role, purpose: look.purpose, fields: [...look.fields], last: look.at, times: 1 });
    }
  }
  return [...found.values()];
}

/** The part of the product that somebody looked from, in the words of whom they looked at. */
export const PURPOSES: Readonly<Record<string, Text>> = {
  people: ['查看住户资料', 'Household record'],
  needs: ['处理需求', 'Seeing to what you asked for'],
  deliveries: ['安排配送', 'Delivery'],
  market: ['备货', 'Packing an order'],
  flags: ['管控事由', 'A restriction and its reason'],
  gate: ['出入管理', 'Gate'],
  quarantine: ['健康监测', 'Health checks'],
  tracing: ['流调', 'Contact tracing'],
  zones: ['风险区申诉', 'Appeal against a zone'],
};

/** The fields of a record. */
export const FIELDS: Readonly<Record<string, Text>> = {
  name: ['姓名', 'name'],
  phone: ['电话（部分）', 'phone (in part)'],
  traits: ['照护标签', 'care marks'],
  lines: ['需要的物品', 'what you asked for'],
  text: ['需要的物品', 'what you asked for'],
  note: ['备注', 'note'],
  ground: ['事由', 'reason'],
  home_label: ['住址', 'home'],
  overlaps: ['出入时间与地点', 'where and when you were seen'],
  asked_for: ['查询用途', 'what it was asked for'],
  subject: ['访客、车牌或物品', 'visitor, plate or goods'],
  appeal: ['申诉', 'appeal'],
  temperature: ['体温', 'temperature'],
  symptoms: ['症状', 'symptoms'],
};
