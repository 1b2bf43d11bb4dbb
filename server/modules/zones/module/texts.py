"""What zones' problems say."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "zones.empty": ("名单里没有可读的行。", "There are no rows in this list."),
    "zones.too_many_rows": ("一份名单最多 5000 行。", "A list has 5,000 rows at most."),
    "zones.bad_text": (
        "名单中有一行过长或含有无法识别的字符，请检查。",
        "A row is too long or holds characters that cannot be read: check it.",
    ),
    "zones.bad_file": (
        "无法读取这个文件：请用 XLSX、CSV 或文本。",
        "This file cannot be read: use XLSX, CSV or text.",
    ),
    "zones.moved_on": ("名单状态已变化，请刷新后查看。", "The list has moved on: reload it and look again."),
    "zones.reason_missing": ("请写明理由和依据。", "Give the reason and the basis for it."),
    "zones.review_first": ("还有待核对的行，请先逐行决定。", "Rows wait for review: decide on each first."),
    "zones.no_doors": (
        "名单中没有本小区的楼栋或单元。",
        "The list names no building or entrance of this community.",
    ),
    "zones.bad_end": (
        "结束日期须在今天之后 60 天以内。",
        "It must end today or later, within 60 days.",
    ),
    "zones.second_person": (
        "须由没有经手过这份名单的另一位工作人员批准。",
        "An officer who had no hand in this list must approve it.",
    ),
    "zones.changed_since": (
        "提交后名单的含义有变化（日期或地图），请退回重新核对。",
        "What the list means has changed since it was proposed (days, or the map): send it back.",
    ),
    "zones.list_not_found": ("没有找到这份名单。", "There is no such list here."),
    "zones.row_not_found": ("没有找到这一行。", "There is no such row here."),
    "zones.zone_not_found": ("没有找到这个风险区。", "There is no such zone here."),
    "zones.door_not_here": ("有单元不属于本小区。", "One of the entrances is not of this community."),
    "zones.level_missing": ("请选择风险等级。", "Choose a level."),
    "zones.bad_days": ("结束日期不能早于开始日期。", "It cannot end before it begins."),
    "zones.days_missing": (
        "这一行的日期没有读懂，请填写结束日期。",
        "The days of this row were not understood: say when it ends.",
    ),
    "zones.appeal_open": ("上一份申诉还在处理中。", "Your last appeal is still being looked at."),
    "zones.appeal_not_found": ("没有找到这份申诉。", "There is no such appeal here."),
    "zones.appeal_decided": ("这份申诉已有答复。", "This appeal has been answered."),
    "zones.own_list": (
        "不能答复针对自己经手名单的申诉，请由其他人处理。",
        "Nobody judges an appeal against a list of their own: ask a colleague.",
    ),
}
