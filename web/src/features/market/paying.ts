import type { Schemas } from '../../kit/api';
import type { Text } from '../../kit/text.svelte';

export type Bought = Schemas['BoughtOut'];
export type Claim = Schemas['ClaimOut'];
export type Way = Bought['pays_by'];

export const WAYS: Readonly<Record<Way, Text>> = {
  shop: ['直接付给店家', 'To the shop directly'],
  wallet: ['代金券', 'Vouchers'],
  fund: ['互助金', 'Community fund'],
  card: ['银行卡', 'Card'],
  alipay: ['支付宝', 'Alipay'],
  wechat_pay: ['微信支付', 'WeChat Pay'],
};

export const WAY_HINTS: Readonly<Record<Way, Text>> = {
  shop: ['和店家自己结算，不经过这里。', 'You settle with the shop yourself.'],
  wallet: ['社区发的代金券；不够时直接付给店家。', 'From the community; where they do not cover it, you pay the shop.'],
  fund: ['按居委会的规定替有困难的家庭付款。', "By the committee's rule, for those who cannot pay."],
  card: ['下单后到银行页面确认。', "You confirm on the bank's page after ordering."],
  alipay: ['下单后到支付宝页面确认。', "You confirm on Alipay's page after ordering."],
  wechat_pay: ['下单后扫码确认。', 'You confirm by scanning a code after ordering.'],
};

export const PAY_STATES: Readonly<Record<string, Text>> = {
  asked: ['等您确认', 'waits for you to confirm'],
  declined: ['未成功', 'did not work'],
  authorised: ['已预留', 'set aside'],
  capturing: ['正在扣款', 'being taken'],
  releasing: ['正在退回', 'being given back'],
  captured: ['已扣款', 'taken'],
  released: ['已全部退回', 'all given back'],
};

export const CLAIM_STATES: Readonly<Record<string, Text>> = {
  open: ['等待处理', 'waits for a decision'],
  granted: ['已同意退款', 'given back'],
  refused: ['未同意', 'refused'],
};
