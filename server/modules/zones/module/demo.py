"""Zones' part of the demo: one list in force that restricts nobody, and one that waits to be looked at."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from server.core.people import service as people
from server.kit import clock
from server.kit.db import transaction
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.zones import service
from server.modules.zones.rules.standing import today_in
from server.modules.zones.rules.structure import Level

BASIS = "传染病防治法第四十二条（演示） / Law on infectious diseases, article 42 (demo)"
REASON = "周边楼栋出现阳性（演示） / cases in buildings nearby (demo)"
DAYS = 7


def seed(community: CommunityRef) -> None:
    """Import two lists in the names of the committee's and the district's officers."""
    with transaction() as session:
        mine = people.people_with_role(session, community.id, "officer")
        if not mine:
            return
        officer = Actor(mine[0], people.grants_of(session, mine[0]))
        today = today_in(community.zone, clock.now())
        name, over = community.name, today - timedelta(days=3)
        low = service.NewList("区通告 第 7 号（演示） / Notice 7 (demo)", f"{name}3号楼、5号楼", Level.LOW)
        made = service.import_list(session, officer, community, low)
        proposal = service.Proposal(REASON, BASIS, today + timedelta(days=DAYS))
        service.confirm(session, officer, community, made.id, proposal)
        second = _second(session, officer, community)
        if second is not None:
            service.approve(session, second, community, made.id, "已核对通告原文 / checked with the notice")
        rows = [
            f"{name}1号楼1单元,高风险,",
            f"{name}2号楼旁平房,高风险,",
            f"{name}（除1号楼1单元以及2号楼外）,中风险,",
            f"{name}4号楼,低风险,{over.isoformat()}",
            "桂花园小区6号楼,高风险,",
        ]
        text = "\n".join(["地点,等级,结束日期", *rows])
        service.import_list(
            session, officer, community, service.NewList("区通告 第 8 号（演示） / Notice 8 (demo)", text)
        )


def _second(session: Session, first: Actor, community: CommunityRef) -> Actor | None:
    """Return another demo officer: the district's."""
    for person in people.demo_people(session):
        actor = Actor(person.id, people.grants_of(session, person.id))
        if actor.id != first.id and actor.has("officer", community):
            return actor
    return None
