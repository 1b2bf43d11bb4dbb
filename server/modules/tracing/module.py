"""The manifest of tracing [1.3]."""

from __future__ import annotations

from server.kit.module import Job, Module, NavEntry
from server.kit.permissions import Permission
from server.modules.tracing import jobs, models, routes

TEXTS: dict[str, tuple[str, str]] = {
    "tracing.purpose_missing": ("请填写病例编号和用途。", "Give the case number and the purpose."),
    "tracing.bad_window": (
        "时间段须在最近 14 天内，且结束晚于开始。",
        "The window must lie within the last 14 days and end after it begins.",
    ),
    "tracing.decided": ("这一户已有结论。", "This home has been decided on already."),
    "tracing.case_not_found": ("没有找到这个病例。", "There is no such case here."),
    "tracing.candidate_not_found": ("没有找到这一户。", "There is no such home in a case here."),
}

MODULE = Module(
    name="tracing",
    requires=("places", "people", "notices"),
    blueprints=(routes.bp,),
    models=(models.Case, models.Candidate),
    permissions=(Permission("tracing.trace", roles=("officer",)),),
    jobs=(Job("tracing.forget", run=jobs.forget, every_s=86_400, per_community=True),),
    navigation=(NavEntry("tracing", "/tracing", roles=("officer",)),),
    texts=TEXTS,
)
