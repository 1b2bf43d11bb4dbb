"""HTTP: communities, areas, module switches."""

from __future__ import annotations

from flask import current_app

from server.core.communities import service
from server.core.communities.schemas import (
    AreaOut,
    AreasOut,
    AreasQuery,
    CommunityOut,
    SwitchesOut,
    SwitchIn,
    SwitchOut,
)
from server.kit.db import reading, transaction
from server.kit.http import root_blueprint
from server.kit.permissions import allow, current_actor, signed_in
from server.kit.tenancy import CommunityRef, current_community

bp = root_blueprint("communities_root", __name__)


@bp.get("/areas")
@bp.input(AreasQuery, location="query", arg_name="query")
@bp.output(AreasOut)
@signed_in
def list_areas(query: AreasQuery) -> AreasOut:
    """Areas right below another; the districts when none is named."""
    with reading() as session:
        return AreasOut(items=[AreaOut.model_validate(a) for a in service.areas_below(session, query.parent)])


@bp.get("/c/<community>")
@bp.output(CommunityOut)
@allow("communities.see")
def get_community() -> CommunityOut:
    """The community and which modules are on."""
    community = current_community()
    return CommunityOut(
        id=community.id,
        slug=community.slug,
        name=community.name,
        name_en=community.name_en,
        timezone=community.timezone,
        modules=sorted(community.modules),
    )


@bp.get("/c/<community>/modules")
@bp.output(SwitchesOut)
@allow("communities.switch")
def list_modules() -> SwitchesOut:
    """All installed modules and whether they are on here."""
    return SwitchesOut(items=_switches(current_community()))


@bp.put("/c/<community>/modules/<name>")
@bp.input(SwitchIn, arg_name="body")
@bp.output(SwitchesOut)
@allow("communities.switch")
def switch_module(name: str, body: SwitchIn) -> SwitchesOut:
    """Switch a module on or off. Off hides; it never deletes."""
    modules = current_app.extensions["linli"].registry.modules
    with transaction() as session:
        service.switch_module(
            session,
            current_actor(),
            current_community(),
            name,
            body.is_on,
            installed=frozenset(m.name for m in modules),
            core=frozenset(m.name for m in modules if m.is_core),
        )
        return SwitchesOut(items=_switches(service.by_id(session, current_community().id)))


def _switches(community: CommunityRef) -> list[SwitchOut]:
    registry = current_app.extensions["linli"].registry
    return [
        SwitchOut(
            name=module.name,
            is_core=module.is_core,
            is_on=registry.is_on(module.name, community.modules),
            requires=list(module.requires),
        )
        for module in registry.modules
    ]
