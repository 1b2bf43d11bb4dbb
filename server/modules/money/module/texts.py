"""What money says when it says no."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "money.not_enough": ("余额不足。", "There is not enough money for that."),
    "money.not_now": (
        "这笔付款的状态已变化，请刷新后再试。",
        "The payment has moved on: reload it and look again.",
    ),
    "money.too_much": ("金额超过了可用的部分。", "That is more than there is to move."),
    "money.key_reused": (
        "同一请求编号不能用于不同内容。",
        "This request was made before with other contents.",
    ),
    "money.paid_already": ("这个订单已经付过款。", "This order is paid already."),
    "money.under_way": (
        "这笔付款正在处理，请稍后再看。",
        "This payment is under way: look again in a moment.",
    ),
    "money.cards_off": (
        "这里尚未开通银行卡、支付宝和微信支付，请使用代金券。",
        "Cards, Alipay and WeChat Pay are not set up here: use vouchers.",
    ),
    "money.payment_not_found": ("没有这笔付款。", "There is no such payment."),
    "money.payee_not_found": ("没有这个收款方。", "There is nobody of that kind to be paid here."),
    "money.person_not_found": ("这里没有这位居民。", "Nobody of that kind lives here."),
    "money.fund_closed": ("互助金目前没有开放。", "The fund is not paying at the moment."),
    "money.fund_not_for_you": (
        "按居委会的规定，互助金不能支付您家的订单；可向居委会说明情况。",
        "By the committee's rule the fund does not pay for your home: tell the committee if it should.",
    ),
    "money.fund_too_much": ("超过互助金单笔上限。", "That is more than the fund pays at once."),
    "money.fund_month_used_up": (
        "您家本月的互助金额度不够了。",
        "Your home's share of the fund is used up for this month.",
    ),
    "money.fund_no_home": (
        "请先加入您的住户，再使用互助金。",
        "Join your home first: the fund pays for homes.",
    ),
    "money.rule_moved_on": (
        "规定刚被别人修改，请刷新后再试。",
        "Somebody has just changed the rule: reload it first.",
    ),
    "money.provider_away": (
        "支付服务暂时没有回应，请稍后再试。",
        "The payment service is away just now: try again.",
    ),
    "money.bad_signature": ("签名无效。", "The signature does not hold."),
    "money.not_reconciled_yet": ("还没有对账报告。", "The books have not been compared yet."),
    "money.bad_month": ("月份格式应为 2026-03。", "A month is written as 2026-03."),
    "money.no_shop": ("您名下没有这家店的账目。", "There are no books of yours under this id."),
}
