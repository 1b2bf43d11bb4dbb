"""The manifest of helpers."""

from __future__ import annotations

from server.core.helpers import events, routes, service
from server.core.helpers.models import Helper, Shift
from server.kit.module import Module, NavEntry
from server.kit.permissions import Permission

EVERYONE = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "officer", "clinic")

MODULE = Module(
    name="helpers",
    is_core=True,
    requires=("places", "people"),
    blueprints=(routes.bp,),
    models=(Helper, Shift),
    permissions=(
        Permission("helpers.enrol", roles=EVERYONE),
        Permission("helpers.serve", roles=("volunteer", "courier")),
        Permission("helpers.rest", roles=("volunteer", "courier", "officer")),
        Permission("helpers.manage", roles=("officer",)),
    ),
    emits=(
        events.HelperEnrolled,
        events.HelperApproved,
        events.HelperSuspended,
        events.ShiftAdded,
        events.RestChanged,
    ),
    provides={"people.helper_of": service.helper_id_of},
    navigation=(NavEntry("helpers", "/helpers", roles=("officer",)),),
    texts={
        "helpers.already_enrolled": (
            "您已经报过名了。",
            "You have already offered to help here.",
        ),
        "helpers.not_found": ("没有这位帮手。", "There is no such helper."),
        "helpers.not_enrolled": (
            "您还没有报名做志愿者或配送员。",
            "You have not offered to help here yet.",
        ),
        "helpers.not_yours": (
            "只能为自己排班。",
            "You can only set your own shifts.",
        ),
        "helpers.not_active": (
            "需要社区干部先通过报名。",
            "An officer has to approve the application first.",
        ),
        "helpers.shift_ends_before_it_starts": (
            "结束时间要晚于开始时间。",
            "A shift has to end after it starts.",
        ),
        "helpers.rest_length": ("休息时间为5分钟到2小时。", "A rest is from five minutes to two hours."),
        "helpers.rest_outside_shift": (
            "休息必须在班次之内结束。",
            "The rest has to be over before the shift is.",
        ),
        "helpers.shift_not_found": ("没有这个班次。", "There is no such shift."),
        "helpers.shift_is_over": ("这个班次已经过去了。", "That shift is already over."),
        "helpers.shift_too_long": (
            "一个班次最长12小时,请分成几班。",
            "A shift is at most 12 hours; make several of it.",
        ),
        "helpers.shift_overlaps": (
            "与已有的班次重叠。",
            "It overlaps a shift that is already set.",
        ),
    },
)
