import type { Text } from '../../kit/text.svelte';

export const STATES: Record<string, Text> = {
  asked: ['等待授权', 'Waiting for the bank'],
  declined: ['未通过', 'Declined'],
  authorised: ['已预留，送达后扣款', 'Set aside, taken after the drop'],
  capturing: ['正在扣款', 'Being taken'],
  releasing: ['正在退回', 'Being given back'],
  captured: ['已扣款', 'Taken'],
  released: ['已全部退回', 'All given back'],
};

export const SOURCES: Record<string, Text> = {
  wallet: ['代金券', 'Vouchers'],
  fund: ['互助金', 'Community fund'],
  card: ['银行卡', 'Card'],
  alipay: ['支付宝', 'Alipay'],
  wechat_pay: ['微信支付', 'WeChat Pay'],
};

export const TRANSFERS: Record<string, Text> = {
  authorise: ['预留', 'Set aside'],
  capture: ['扣款', 'Taken'],
  release: ['退回预留', 'Given back unused'],
  refund: ['退款', 'Refunded'],
  refund_failed: ['退款未成功', 'Refund did not arrive'],
  pay_out: ['付给收款方', 'Paid on'],
  reverse: ['从收款方收回', 'Taken back from who was paid'],
  dispute_opened: ['银行争议中', 'Disputed at the bank'],
  dispute_won: ['争议结束，款项保留', 'Dispute ended, kept'],
  dispute_lost: ['争议结束，已退回', 'Dispute ended, given back'],
};
