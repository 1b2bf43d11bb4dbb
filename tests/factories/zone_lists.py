"""Lists of zones over a small compound, and what officers do with them over HTTP."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.core.places.models import Building, Entrance, Home, Node
from server.kit import clock
from server.kit.db import new_id, reading, transaction
from server.kit.tenancy import CommunityRef

BASE = "/api/c/wutong/zones"
Door = tuple[int, int]


def make_compound(
    community: CommunityRef, buildings: int = 3, doors: int = 2, floors: int = 1
) -> dict[Door, list[UUID]]:
    """Make buildings 1号楼, 2号楼, … with doors 1单元, … and a home on each floor; return homes by (building, door)."""
    homes: dict[Door, list[UUID]] = {}
    with transaction() as session:
        node = Node(id=new_id(), community_id=community.id, ref="zn", x_m=0.0, y_m=0.0)
        session.add(node)
        for number in range(1, buildings + 1):
            label = f"{number}号楼"
            building = Building(
                id=new_id(), community_id=community.id, ref=f"zb{number}", label=label, outline=[]
            )
            session.add(building)
            session.flush()
            for door in range(1, doors + 1):
                entrance = Entrance(
                    id=new_id(),
                    community_id=community.id,
                    ref=f"ze{number}-{door}",
                    building_id=building.id,
                    node_id=node.id,
                    label=f"{door}单元",
                )
                session.add(entrance)
                session.flush()
                made = [_home(community, entrance, label, floor) for floor in range(1, floors + 1)]
                session.add_all(made)
                homes[number, door] = [home.id for home in made]
    return homes


def _home(community: CommunityRef, entrance: Entrance, building: str, floor: int) -> Home:
    return Home(
        id=new_id(),
        community_id=community.id,
        entrance_id=entrance.id,
        floor=floor,
        door=f"{floor}01",
        label=f"{building}-{entrance.label}-{floor}01",
    )


def doors_of(community: CommunityRef) -> dict[Door, str]:
    """Return the entrances' ids by (building, door)."""
    with reading() as session:
        rows = session.execute(
            select(Building.label, Entrance.label, Entrance.id)
            .join(Building, Building.id == Entrance.building_id)
            .where(Entrance.community_id == community.id)
        )
        return {
            (int(building.removesuffix("号楼")), int(door.removesuffix("单元"))): str(entrance_id)
            for building, door, entrance_id in rows
        }


def last_day(days: int = 7) -> str:
    """Return the day so many days from now where the compound is."""
    today: date = clock.now().date()
    return (today + timedelta(days=days)).isoformat()


def paste(officer: Any, *lines: str, level: str | None = "high", **more: Any) -> dict[str, Any]:
    """Import a list as pasted and return it."""
    body = {"name": "notice 1", "text": "\n".join(lines), "level": level, **more}
    answer = officer.post(f"{BASE}/lists", body)
    assert answer.status_code == 201, answer.get_json()
    made: dict[str, Any] = answer.get_json()
    return made


def proposal(days: int = 7) -> dict[str, Any]:
    """Return what an officer proposes a list with."""
    return {"reason": "a case in the building", "legal_basis": "article 42", "until_on": last_day(days)}


def propose(officer: Any, *lines: str, days: int = 7, level: str = "high") -> dict[str, Any]:
    """Import a list and propose it."""
    made = paste(officer, *lines, level=level)
    answer = officer.post(f"{BASE}/lists/{made['id']}/confirm", proposal(days))
    assert answer.status_code == 200, answer.get_json()
    return made


def put_in_force(
    officer: Any, second: Any, *lines: str, days: int = 7, level: str = "high"
) -> dict[str, Any]:
    """Import, propose and approve a list; return it as it stands."""
    made = propose(officer, *lines, days=days, level=level)
    answer = second.post(f"{BASE}/lists/{made['id']}/approve", {"why": "checked"})
    assert answer.status_code == 200, answer.get_json()
    standing: dict[str, Any] = answer.get_json()
    return standing


def rows(officer: Any, list_id: str, group: str) -> list[dict[str, Any]]:
    """Return a list's rows in one group."""
    found: list[dict[str, Any]] = officer.get(f"{BASE}/lists/{list_id}/rows?group={group}").get_json()[
        "items"
    ]
    return found
