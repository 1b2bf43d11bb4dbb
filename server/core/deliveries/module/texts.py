"""Problem texts of deliveries, and why a stop is not served: code → (Chinese, English)."""

from __future__ import annotations

PROBLEMS: dict[str, tuple[str, str]] = {
    "deliveries.guards_too_few": (
        "值守人数不够：这些门都必须开着。",
        "There are too few guards for the gates that must stay open.",
    ),
    "deliveries.handover_not_found": ("没有这批到货。", "There is no such delivery."),
    "deliveries.link_unknown": (
        "链接无效或已过期,请向店家索取新的链接。",
        "This link is unknown or has expired: ask the shop for a new one.",
    ),
    "deliveries.mismatch_not_found": ("没有这条差异记录。", "There is no such mismatch."),
    "deliveries.no_code_free": (
        "暂时无法生成包裹编号,请再试一次。",
        "No parcel code could be found: try again.",
    ),
    "deliveries.no_gates": ("地图上还没有大门。", "There is no gate on the map yet."),
    "deliveries.no_route": ("您目前没有配送路线。", "You have no route at the moment."),
    "deliveries.not_a_photo": (
        "请选择一张照片(JPEG、PNG 或 WebP)。",
        "This is no photo: choose a JPEG, PNG or WebP picture.",
    ),
    "deliveries.not_loaded": (
        "请先在大门装货并确认数量。",
        "Load at the gate and confirm the count first.",
    ),
    "deliveries.nothing_to_hand_over": (
        "这些订单没有待交接的包裹。",
        "These orders have no parcels to hand over.",
    ),
    "deliveries.parcel_moved_on": (
        "该包裹刚刚已由他人接手,请刷新后查看。",
        "Somebody has just taken this parcel over: reload and look again.",
    ),
    "deliveries.parcel_not_found": ("没有这个包裹编号。", "There is no parcel with this code."),
    "deliveries.photo_not_found": (
        "没有这张照片,或照片已到期删除。",
        "There is no such photo, or its time was over.",
    ),
    "deliveries.photo_of_another_stop": (
        "这张照片属于另一站,请重新拍摄。",
        "This photo belongs to another stop: take a new one.",
    ),
    "deliveries.photo_too_large": (
        "照片尺寸过大,请降低分辨率后重拍。",
        "The photo has too many pixels: take it at a lower resolution.",
    ),
    "deliveries.plan_is_wrong": (
        "该方案未通过检查,不能发布。",
        "This plan did not pass its check and cannot be released.",
    ),
    "deliveries.plan_outdated": (
        "情况已变化,请重新排线。",
        "Things have changed since: plan the wave again.",
    ),
    "deliveries.proof_missing": (
        "这一站需要照片或住户的四位取货码。",
        "This stop needs a photo or the home's four-digit code.",
    ),
    "deliveries.route_not_found": ("没有这条路线。", "There is no such route."),
    "deliveries.route_not_under_way": (
        "路线未在进行中,无法撤销。",
        "The route is not under way: nothing can be undone.",
    ),
    "deliveries.route_reassigned": (
        "这条路线已交给其他配送员,请刷新。",
        "This route belongs to another courier now: reload the page.",
    ),
    "deliveries.stop_not_found": ("没有这一站。", "There is no such stop."),
    "deliveries.stop_settled": (
        "这一站已有结果,请刷新后查看。",
        "This stop is settled already: reload and look again.",
    ),
    "deliveries.stops_left": (
        "还有未完成的站点,请先送达或说明原因。",
        "Some stops are still open: finish them or say why not.",
    ),
    "deliveries.too_many_links": (
        "尝试次数过多,请一分钟后再试。",
        "Too many tries: come back in a minute.",
    ),
    "deliveries.undo_too_late": (
        "已超过撤销时间。如有差错,请联系居委会。",
        "It is too late to undo: call the committee if something went wrong.",
    ),
    "deliveries.wave_is_out": ("该批次已出发,无法取消。", "The wave is out: it cannot be called off."),
    "deliveries.wave_not_found": ("没有这个批次。", "There is no such wave."),
    "deliveries.wave_not_planned": (
        "该批次尚未排好线,暂不能发布。",
        "The wave is not planned yet: it cannot be released.",
    ),
    "deliveries.wave_open": (
        "上一批次还未发布,请先发布或取消。",
        "Another wave waits: release it or call it off first.",
    ),
    "deliveries.why_missing": ("请写明原因。", "Say why."),
    "deliveries.wrong_custodian": (
        "该包裹目前不在可交接的一方手中,请核对。",
        "The parcel is not with whoever could hand it over: check who has it.",
    ),
    "deliveries.wrong_door_code": (
        "取货码不正确,请与住户核对。",
        "The code is wrong: check it with the home.",
    ),
}
UNSERVED: dict[str, tuple[str, str]] = {
    "deliveries.unserved.goods_elsewhere": (
        "货物在别的车上或已错过出发。",
        "The goods are on another cart or missed the start.",
    ),
    "deliveries.unserved.no_capacity_left": ("能去的车都已装满。", "Every cart that could go there is full."),
    "deliveries.unserved.shelf_full": ("架子放不下了。", "The shelf is full."),
    "deliveries.unserved.not_welcome": ("住户不要这位来。", "The home asked for somebody else."),
    "deliveries.unserved.needs_two": ("要两个人一起，只有一人能去。", "It takes two, and only one can go."),
    "deliveries.unserved.too_many_floors": ("楼层太多，谁都爬不了。", "More storeys than anyone may climb."),
    "deliveries.unserved.no_shift": ("本批次无人值班。", "Nobody is on shift in this wave."),
    "deliveries.unserved.no_skill": (
        "值班人员中没有人能做这件事。",
        "Nobody on shift can do this.",
    ),
    "deliveries.unserved.no_time_left": ("路线时间已排满。", "The routes have no time left."),
    "deliveries.unserved.nobody_before_red": (
        "能去的人都已去过隔离户。",
        "Everybody who could go has been to a home under isolation.",
    ),
    "deliveries.unserved.route_too_long": (
        "往返时间超过单次外出上限。",
        "There and back takes longer than anybody may be out.",
    ),
    "deliveries.unserved.shift_too_short": (
        "往返时间超过任何人的班次。",
        "There and back takes longer than any shift.",
    ),
    "deliveries.unserved.too_heavy": ("太重,没有合适的车。", "It is too heavy for any cart that is on."),
    "deliveries.unserved.unreachable": (
        "道路不通或没有可停靠点。",
        "No open lane or standing point leads there.",
    ),
    "deliveries.unserved.window_cannot_be_met": (
        "无法在约定时间内到达。",
        "Nobody can be there within the wanted time.",
    ),
}
TEXTS = {**PROBLEMS, **UNSERVED}
