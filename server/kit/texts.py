"""The kit's own problem texts: code → (Chinese, English). Every area adds its own in its manifest."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "auth.required": ("请先登录。", "Please sign in first."),
    "auth.forbidden": ("您没有权限进行此操作。", "You may not do this."),
    "auth.csrf": ("页面已过期，请刷新后再试。", "The page is out of date: reload it and try again."),
    "community.not_found": (
        "没有这个页面，或该功能未在本小区启用。",
        "There is no such page, or it is switched off here.",
    ),
    "live.room_not_found": ("没有这个频道。", "There is no such channel."),
    "idempotency.key_missing": (
        "请求缺少 Idempotency-Key（8–100 个字符）。",
        "The request needs an Idempotency-Key of 8 to 100 characters.",
    ),
    "idempotency.body_changed": (
        "同一 Idempotency-Key 的内容不一致。",
        "This Idempotency-Key was used for a different request.",
    ),
    "http.bad_request": ("请求格式有误。", "The request is malformed."),
    "http.bad_cursor": (
        "分页位置无效，请从头开始。",
        "The page cursor is not valid: start from the first page.",
    ),
    "http.not_found": ("没有这个页面。", "There is no such page."),
    "http.bad_method": ("不支持此操作。", "This address does not take that method."),
    "http.too_large": (
        "内容太大，请缩小后再提交。",
        "The body is too large: make it smaller and send it again.",
    ),
    "http.invalid": ("有些内容需要修改。", "Some fields need to be corrected."),
    "http.database_away": (
        "系统暂时繁忙，请稍后再试。",
        "The database is away for a moment: try again shortly.",
    ),
    "http.failed": (
        "出错了，已记录。请稍后再试。",
        "Something went wrong and has been logged. Please try again.",
    ),
}
