import type { Schemas } from '../../kit/api';
import type { Text } from '../../kit/text.svelte';

export type Kind = Schemas['IsolationIn.OrderKind'];
export type Symptom = Schemas['CheckIn.Symptom'];

export const KINDS: Readonly<Record<Kind, Text>> = {
  contact: ['密切接触', 'Close contact'],
  confirmed: ['确诊', 'Confirmed case'],
  suspected: ['疑似', 'Suspected case'],
  arrival: ['外地返回', 'Arrival from elsewhere'],
  area: ['管控区域', 'Restricted area'],
};

export const SYMPTOMS: Readonly<Record<Symptom, Text>> = {
  cough: ['咳嗽', 'cough'],
  breath: ['气促', 'short of breath'],
  throat: ['咽痛', 'sore throat'],
  taste: ['嗅味觉减退', 'no smell or taste'],
  diarrhoea: ['腹泻', 'diarrhoea'],
  weak: ['乏力', 'weak'],
};

export const RUNGS: Readonly<Record<string, Text>> = {
  call: ['打电话', 'Call'],
  door: ['上门', 'Knock'],
  committee: ['居委会处理', 'Committee decides'],
};

export const STATES: Readonly<Record<string, { name: Text; tone: string }>> = {
  active: { name: ['隔离中', 'In isolation'], tone: 'red' },
  released: { name: ['已解除', 'Released'], tone: 'green' },
  withdrawn: { name: ['已撤回', 'Withdrawn'], tone: 'blue' },
};

export const CHECKS: Readonly<Record<string, { name: Text; tone: string }>> = {
  due: { name: ['待报告', 'Due'], tone: 'amber' },
  done: { name: ['已报告', 'Done'], tone: 'green' },
  missed: { name: ['未报告', 'Missed'], tone: 'red' },
};
