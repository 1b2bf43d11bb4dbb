import type { Schemas } from '../../kit/api';
import { clockTime } from '../../kit/format';
import { say, sayCode, type Text } from '../../kit/text.svelte';
import { MORE } from './words';

export type Help = Schemas['WaveHelpOut']['items'][number];

const ADD: Text = ['{from}–{until} 再来一位{who}', 'One more {who} {from}–{until}'];
const REOPEN: Text = ['重新开放{lane}', 'Reopening {lane}'];
const UNNAMED: Text = ['无名道路 {ref}', 'unnamed lane {ref}'];
const LONGER: Text = ['{who}的班次延长 {minutes} 分钟（到 {until}）', 'Lengthening {who}’s shift by {minutes} minutes (until {until})'];
const SOMEBODY: Text = ['一位配送员', 'a courier'];
const SERVES: Text = ['{what}，可多送 {n} 站', '{what} serves {n} more'];
const SAVES: Text = ['{what}，可省 {minutes} 分钟', '{what} saves {minutes|minute|minutes}'];
const BOTH: Text = ['{what}，可多送 {n} 站，还省 {minutes} 分钟', '{what} serves {n} more and saves {minutes|minute|minutes}'];

const clock = (at: string | null | undefined): string => (at ? clockTime(at) : '');

function what(help: Help): string {
  if (help.kind === 'add') return say(ADD, { who: sayCode(MORE, help.profile ?? ''), from: clock(help.from_at), until: clock(help.until_at) });
  if (help.kind === 'reopen') return say(REOPEN, { lane: help.lane_name || say(UNNAMED, { ref: help.lane_ref ?? '' }) });
  return say(LONGER, { who: help.helper_label || say(SOMEBODY), minutes: help.minutes ?? 0, until: clock(help.until_at) });
}

/** A change and what it brings, as one sentence with the community's clock. */
export function helpText(help: Help): string {
  const minutes = Math.round(help.saves_s / 60);
  const pattern = help.serves_more > 0 ? (minutes > 0 ? BOTH : SERVES) : SAVES;
  return say(pattern, { what: what(help), n: help.serves_more, minutes });
}

/** The page where it is done with one tap more; null where no page does it. */
export function helpPath(help: Help): string | null {
  if (help.kind === 'reopen') return `/map?lane=${help.lane_id ?? ''}`;
  return help.kind === 'add' && help.profile !== 'unmanned' ? '/helpers' : null;
}
