"""What the gate's problems say."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "gate.not_now": ("通行证状态已变化，请刷新后查看。", "The pass has moved on: reload it and look again."),
    "gate.ground_missing": ("请写明理由。", "Give the reason for it."),
    "gate.bad_period": (
        "结束时间必须晚于开始时间和现在。",
        "It must end later than it begins, and later than now.",
    ),
    "gate.too_long": ("通行证最长 31 天。", "A pass lasts 31 days at most."),
    "gate.subject_missing": (
        "请写明是谁、哪辆车或什么货物。",
        "Say who it is for: the person, the plate or the goods.",
    ),
    "gate.too_many": (
        "本户的通行证太多了，请先交回一些。",
        "This home has too many passes: give some back first.",
    ),
    "gate.not_your_home": ("只能为自己家的人申请。", "You may ask for people of your own home only."),
    "gate.not_yours": ("这不是您的通行证。", "This is not yours to do."),
    "gate.own_pass": (
        "不能批准自己的通行证，请同事处理。",
        "Nobody approves their own pass: ask a colleague.",
    ),
    "gate.pass_not_found": ("没有这张通行证。", "There is no such pass."),
    "gate.not_active": ("这张通行证现在无效。", "This pass does not hold now."),
    "gate.bad_key": ("手机密钥无效，请重新打开页面。", "The phone's key is not valid: open the page anew."),
    "gate.busy": ("大门正忙，请再扫一次。", "The gate is busy: scan once more."),
    "gate.bad_log": ("离线记录有误。", "The log contradicts itself."),
    "gate.bad_hours": ("时段不能重叠，且要在一天之内。", "Spans must not overlap and lie within a day."),
    "gate.rules_moved_on": (
        "别人刚改过规则，请刷新后再改。",
        "Somebody has just changed the rules: reload them and try again.",
    ),
    "gate.bad_token": ("设备令牌无效。", "The device's token is not valid."),
    "gate.device_not_found": ("没有这台设备。", "There is no such device."),
    "gate.device_ended": ("这台设备已停用。", "This device was ended before."),
    "gate.device_place": (
        "请选择一个大门，或一个单元门（测温仪只能装在大门）。",
        "Choose one gate, or one door; a thermometer stands at a gate.",
    ),
    "gate.no_thermometer": ("这台设备不是测温仪。", "This device is no thermometer."),
}
