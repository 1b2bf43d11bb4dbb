"""Communities, the five levels above and below them, and their module switches."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from server.core.communities import rules
from server.core.communities.events import ModuleSwitched
from server.core.communities.models import Area, Community, ModuleSwitch
from server.kit.audit import record
from server.kit.db import current_session, new_id, reading
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


def add_area(
    session: Session, level: str, code: str, name: str, *, name_en: str = "", parent: Area | None = None
) -> Area:
    """Add an area, or return the one that has the code already. Raises Refused for a wrong level."""
    known = session.scalars(select(Area).where(Area.code == code)).first()
    if known is not None:
        return known
    rules.check_level(level, parent.level if parent else None)
    area_id = new_id()
    area = Area(
        id=area_id,
        level=level,
        code=code,
        name=name,
        name_en=name_en,
        parent_id=parent.id if parent else None,
        path=f"{parent.path}/{area_id.hex}" if parent else area_id.hex,
    )
    session.add(area)
    session.flush()
    return area


def add_areas(session: Session, rows: Iterable[tuple[str, str, str, str | None]]) -> int:
    """Add many areas at once: (level, code, name, parent's code), parents before children; known codes stay.

    Returns how many are new. Raises Refused for a parent that is neither known nor among the rows.
    """
    known = {area.code: (area.id, area.level, area.path) for area in session.scalars(select(Area))}
    added = []
    for level, code, name, parent_code in rows:
        if code in known:
            continue
        if parent_code is not None and parent_code not in known:
            raise Refused("communities.bad_parent", level=level, parent=parent_code)
        parent_id, parent_level, parent_path = known[parent_code] if parent_code else (None, None, "")
        rules.check_level(level, parent_level)
        area_id = new_id()
        path = f"{parent_path}/{area_id.hex}" if parent_path else area_id.hex
        known[code] = (area_id, level, path)
        added.append(
            {
                "id": area_id,
                "level": level,
                "code": code,
                "name": name,
                "name_en": "",
                "parent_id": parent_id,
                "path": path,
            }
        )
    if added:
        session.execute(insert(Area), added)
    return len(added)


def areas_below(session: Session, parent_id: UUID | None) -> list[Area]:
    """Return the areas right below ``parent_id``; the topmost for None."""
    above = Area.parent_id.is_(None) if parent_id is None else Area.parent_id == parent_id
    return list(session.scalars(select(Area).where(above).order_by(Area.code)))


def area_names(session: Session, area_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return each area's names: (Chinese, English or empty)."""
    rows = session.execute(select(Area.id, Area.name, Area.name_en).where(Area.id.in_(list(area_ids))))
    return {area_id: (name, name_en) for area_id, name, name_en in rows}


def areas_above(session: Session, community: CommunityRef) -> list[Area]:
    """Return the areas that the community lies in, the topmost first; not its own."""
    paths = [UUID(hex=part) for part in community.area_path.split("/")[:-1]]
    found = {area.id: area for area in session.scalars(select(Area).where(Area.id.in_(paths)))}
    return [found[area_id] for area_id in paths if area_id in found]


def create_community(
    session: Session,
    slug: str,
    name: str,
    *,
    name_en: str = "",
    committee: Area | None = None,
    timezone: str = "Asia/Shanghai",
    modules: Iterable[str] = (),
) -> Community:
    """Create a community with its area of level compound. Raises Refused for a bad slug, Conflict for a taken one."""
    rules.check_slug(slug)
    if session.scalar(select(Community.id).where(Community.slug == slug)) is not None:
        raise Conflict("communities.slug_taken", slug=slug)
    area = add_area(session, "compound", f"compound-{slug}", name, name_en=name_en, parent=committee)
    community = Community(slug=slug, name=name, name_en=name_en, timezone=timezone, area_id=area.id)
    session.add(community)
    session.flush()
    for module in modules:
        session.add(ModuleSwitch(community_id=community.id, name=module, is_on=True))
    session.flush()
    return community


def find(session: Session, slug: str) -> CommunityRef | None:
    """Return the community, or None."""
    row = session.execute(
        select(Community, Area.path).join(Area, Area.id == Community.area_id).where(Community.slug == slug)
    ).first()
    return _ref(session, row[0], row[1]) if row else None


def by_id(session: Session, community_id: UUID) -> CommunityRef:
    """Return the community. Raises NotFound."""
    row = session.execute(
        select(Community, Area.path)
        .join(Area, Area.id == Community.area_id)
        .where(Community.id == community_id)
    ).first()
    if row is None:
        raise NotFound("community.not_found")
    return _ref(session, row[0], row[1])


def find_now(slug: str) -> CommunityRef | None:
    """Return the community in a reading of its own, or in the transaction that is open."""
    session = current_session()
    if session is not None:
        return find(session, slug)
    with reading() as session:
        return find(session, slug)


def all_communities(session: Session) -> list[CommunityRef]:
    """Return all communities."""
    rows = session.execute(select(Community, Area.path).join(Area, Area.id == Community.area_id)).all()
    return [_ref(session, community, path) for community, path in rows]


def modules_of(session: Session, community_id: UUID) -> frozenset[str]:
    """Return the names of the modules that are switched on."""
    return frozenset(
        session.scalars(
            select(ModuleSwitch.name).where(ModuleSwitch.community_id == community_id, ModuleSwitch.is_on)
        )
    )


def switched_on(session: Session) -> list[tuple[UUID, frozenset[str]]]:
    """Return every community's id with its modules."""
    return [(ref.id, ref.modules) for ref in all_communities(session)]


def switch_module(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    name: str,
    is_on: bool,
    *,
    installed: frozenset[str],
    core: frozenset[str],
) -> None:
    """Switch a module on or off. Off hides; it never deletes. Raises Refused for core or unknown modules."""
    rules.check_switch(name, installed, core)
    row = session.scalars(
        select(ModuleSwitch).where(ModuleSwitch.community_id == community.id, ModuleSwitch.name == name)
    ).first()
    if row is None:
        row = ModuleSwitch(community_id=community.id, name=name, is_on=False)
        session.add(row)
    if row.is_on == is_on:
        return
    row.is_on = is_on
    record(session, actor, community.id, "communities.module_switched", ("module", None), facts={name: is_on})
    emit(session, ModuleSwitched(community.id, name=name, is_on=is_on))


def _ref(session: Session, community: Community, area_path: str) -> CommunityRef:
    return CommunityRef(
        id=community.id,
        slug=community.slug,
        name=community.name,
        name_en=community.name_en,
        timezone=community.timezone,
        area_path=area_path,
        modules=modules_of(session, community.id),
    )
