"""Communities and the five levels that govern them."""

from __future__ import annotations

from server.core.communities import events, models, routes
from server.kit.module import Module
from server.kit.permissions import Permission

EVERYONE = (
    "resident",
    "volunteer",
    "courier",
    "merchant",
    "guard",
    "grid_worker",
    "officer",
    "clinic",
    "admin",
)

MODULE = Module(
    name="communities",
    is_core=True,
    blueprints=(routes.bp,),
    models=(models.Area, models.Community, models.ModuleSwitch),
    permissions=(
        Permission("communities.see", roles=EVERYONE),
        Permission("communities.switch", roles=("officer",)),
    ),
    emits=(events.ModuleSwitched,),
    texts={
        "communities.bad_slug": (
            "小区代号只能用 3–40 个小写字母、数字和连字符，并以字母开头。",
            "A community's short name has 3 to 40 of a–z, 0–9 and “-”, a letter first.",
        ),
        "communities.bad_level": ("没有这一级区划。", "There is no such level."),
        "communities.bad_parent": ("该级区划不能挂在此处。", "An area of this level cannot hang here."),
        "communities.slug_taken": ("该小区代号已被使用。", "This short name is taken."),
        "communities.core_stays_on": ("核心功能不能关闭。", "The core cannot be switched off."),
        "communities.unknown_module": ("没有安装这个模块。", "No such module is installed."),
    },
)
