"""Problem texts of needs: code → (Chinese, English)."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "needs.not_found": ("没有这条需求。", "There is no such need."),
    "needs.line_not_found": ("需求里没有这一项。", "The need has no such line."),
    "needs.no_home": (
        "您还没有绑定住户,请用社区发的纸质编码加入。",
        "You have not joined a home yet: use the paper code from the committee.",
    ),
    "needs.home_not_in_community": (
        "该住户不在本小区,请核对楼号、单元和门牌。",
        "That home is not in this community: check building, entrance and door.",
    ),
    "needs.not_your_home": (
        "只能为自己家提交需求;代他人提交请联系网格员。",
        "You can post for your own home only; a grid worker can post for others.",
    ),
    "needs.not_yours": ("这条需求与您无关。", "This need is not yours."),
    "needs.only_mine": (
        "只能查看自己家的需求。",
        "You can list your own home's needs only.",
    ),
    "needs.no_lines": (
        "请至少写明一样东西。",
        "Say at least one thing that is wanted.",
    ),
    "needs.too_many_lines": (
        "一条需求最多50项,请分成几条。",
        "A need has at most 50 lines: make several of it.",
    ),
    "needs.window_ends_before_it_starts": (
        "结束时间要晚于开始时间。",
        "The wanted time has to end after it starts.",
    ),
    "needs.window_is_over": (
        "希望的时间已经过去。",
        "The wanted time is already over.",
    ),
    "needs.window_too_far": (
        "最多提前14天提交。",
        "Needs can be posted at most 14 days ahead.",
    ),
    "needs.not_now": (
        "需求已进入下一步,请刷新后查看。",
        "The need has moved on: reload it and look again.",
    ),
    "needs.not_yours_to_do": (
        "这一步由其他人员处理。",
        "This step is for somebody else to take.",
    ),
    "needs.already_taken": (
        "刚刚有人接了这条需求,谢谢您。",
        "Somebody has just taken this need. Thank you.",
    ),
    "needs.not_for_you_to_claim": (
        "这条需求不能自行接下:需要相应技能,或由商家先备货。",
        "You cannot take this by yourself: it needs a skill you do not have, or a shop first.",
    ),
    "needs.enough_in_hand": (
        "您手上的任务已经够多,请先完成一些。",
        "You have enough in hand: finish some of it first.",
    ),
    "needs.own_home": (
        "这是您自己家的需求,请由邻居来帮忙。",
        "This is your own home's need: a neighbour will come.",
    ),
    "needs.offer_not_found": ("没有这条派单。", "There is no such offer."),
    "needs.offer_not_yours": (
        "这条派单不是发给您的。",
        "This offer was made to somebody else.",
    ),
    "needs.offer_gone": (
        "这条派单已经处理过了。",
        "This offer has been answered already.",
    ),
    "needs.offer_expired": (
        "这条派单已过期,已转给其他人。",
        "This offer has expired and went to somebody else.",
    ),
}
