"""What quarantine's problems say."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "quarantine.not_now": (
        "隔离状态已变化，请刷新后查看。",
        "The order has moved on: reload it and look again.",
    ),
    "quarantine.bad_period": (
        "结束时间必须晚于开始时间、原结束时间和现在。",
        "It must end later than it begins, than it would have, and than now.",
    ),
    "quarantine.too_long": ("一次隔离最长 60 天。", "An order lasts 60 days at most."),
    "quarantine.ground_missing": ("请写明理由和依据。", "Give the reason and the basis for it."),
    "quarantine.isolated_already": ("该户已在隔离中。", "This home is isolated already."),
    "quarantine.order_not_found": ("没有找到这份隔离令。", "There is no such order here."),
    "quarantine.appeal_not_found": ("没有找到这份申诉。", "There is no such appeal here."),
    "quarantine.appeal_open": ("上一份申诉还在处理中。", "Your last appeal is still being looked at."),
    "quarantine.appeal_decided": ("这份申诉已有答复。", "This appeal has been answered."),
    "quarantine.own_order": (
        "不能答复针对自己所下隔离令的申诉，请由其他人处理。",
        "Nobody judges an appeal against an order of their own: ask a colleague.",
    ),
    "quarantine.no_helper": (
        "只能由网格员、志愿者或居委会人员负责保供。",
        "Only grid workers, volunteers or officers can see to a home's supply.",
    ),
    "quarantine.no_supply_owner": ("请先指定保供负责人。", "First name who sees to the supply."),
    "quarantine.supply_not_asked": (
        "请先询问家中食品和药品还能用几天。",
        "First ask how many days of food and medicine are left.",
    ),
    "quarantine.reported_already": ("已经上报过了。", "This has been reported already."),
    "quarantine.bad_bulk": ("一次可选 1 到 2000 户。", "Choose 1 to 2,000 homes at a time."),
    "quarantine.home_not_here": ("有住户不属于本小区。", "One of the homes is not of this community."),
    "quarantine.bulk_not_found": ("没有找到这份批量申请。", "There is no such proposal here."),
    "quarantine.bulk_decided": ("这份批量申请已有决定。", "This proposal has been decided."),
    "quarantine.needs_second_person": (
        "批量隔离须由另一位工作人员批准。",
        "Another officer than the one who proposed it must decide.",
    ),
    "quarantine.bad_temperature": (
        "体温应在 34 到 43 ℃ 之间，请核对。",
        "A temperature lies between 34 and 43 °C: check it.",
    ),
    "quarantine.check_not_found": ("没有找到这次健康监测。", "There is no such check here."),
    "quarantine.too_early": (
        "复测还没到时间，请稍后再测。",
        "It is too early for the second reading: wait a little.",
    ),
    "quarantine.check_over": ("这次健康监测已经完成。", "This check has been done."),
    "quarantine.task_not_found": ("没有找到这项任务。", "There is no such task here."),
    "quarantine.task_done": ("这项任务已经完成。", "This task is done already."),
    "quarantine.referral_not_found": ("没有找到这份转诊。", "There is no such referral here."),
    "quarantine.bad_hours": (
        "每天监测 1 到 6 次，整点且不重复。",
        "One to six checks a day, at different full hours.",
    ),
    "quarantine.bad_rungs": (
        "提醒、电话、上门、居委会须依次递增，24 小时以内。",
        "Reminder, call, door and committee follow one another within 24 hours.",
    ),
    "quarantine.bad_fever": (
        "发热标准应在 36.5 到 39 ℃ 之间。",
        "The limit of fever lies between 36.5 and 39 °C.",
    ),
    "quarantine.bad_second_reading": (
        "复测应在 5 到 240 分钟之后。",
        "A second reading comes 5 to 240 minutes later.",
    ),
}
