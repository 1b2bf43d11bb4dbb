"""Flags: what is told about a home, so that records need not be shared."""

from __future__ import annotations

from server.core.flags import events, models, routes
from server.kit.module import Module
from server.kit.permissions import Permission

MODULE = Module(
    name="flags",
    is_core=True,
    requires=("communities", "places", "people"),
    blueprints=(routes.bp,),
    models=(models.Flag,),
    permissions=(Permission("flags.manage", roles=("officer", "clinic")),),
    emits=(events.FlagRaised, events.FlagEnded),
    texts={
        "flags.unknown_kind": ("没有这种标记。", "There is no such flag."),
        "flags.ground_missing": ("请写明依据。", "Give the ground for it."),
        "flags.bad_period": (
            "结束时间必须晚于开始时间和现在。",
            "It must end later than it begins, and later than now.",
        ),
        "flags.too_long": (
            "最长 60 天，到期前可以续期。",
            "At most 60 days: raise it again before it ends.",
        ),
        "flags.not_found": ("没有这个标记。", "There is no such flag."),
        "flags.over_already": ("该标记已经结束。", "This flag is over already."),
    },
)
