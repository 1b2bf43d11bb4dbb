"""Which homes were where the case was at about the same time, those first that were so most tellingly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from server.kit.ports.sightings import Sighting

WITHIN = timedelta(minutes=5)
MOST = 500
# A lift is a closed cabin; a gate is passed in the open; goods are put down without contact.
WEIGHTS = {"lift": 4, "venue": 3, "gate": 2, "drop": 1}
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
Key = tuple[str, UUID]


@dataclass(frozen=True)
class Reason:
    """So many times of the case at one place the home was there too; ``closest_s`` apart at the nearest."""

    source: str
    place_label: str
    times: int
    closest_s: int
    within_min: int


@dataclass(frozen=True)
class Ranked:
    home_id: UUID
    score: int
    reasons: tuple[Reason, ...]


def rank(
    sightings: Iterable[Sighting], case_home: UUID, *, within: timedelta = WITHIN, most: int = MOST
) -> list[Ranked]:
    """Rank the other homes by their overlaps with the case's home: score first, then the closest, then the id.

    Two sightings overlap at one place if they are at most ``within`` apart. Each sighting of the case counts once per
    home, however often that home was seen around it.
    """
    buckets: dict[tuple[Key, int], list[Sighting]] = defaultdict(list)
    of_case: set[tuple[Key, datetime]] = set()
    labels: dict[Key, str] = {}
    for one in sightings:
        key = (one.source, one.place_id)
        labels[key] = one.place_label
        if one.home_id == case_home:
            of_case.add((key, one.at))
        else:
            buckets[key, _bucket(one.at, within)].append(one)
    gaps: dict[UUID, dict[Key, list[int]]] = defaultdict(lambda: defaultdict(list))
    for key, at in of_case:
        for home_id, gap in _closest(buckets, key, at, within).items():
            gaps[home_id][key].append(gap)
    ranked = [_ranked(home_id, places, labels, within) for home_id, places in gaps.items()]
    ranked.sort(key=lambda one: (-one.score, min(r.closest_s for r in one.reasons), str(one.home_id)))
    return ranked[:most]


def _closest(
    buckets: dict[tuple[Key, int], list[Sighting]], key: Key, at: datetime, within: timedelta
) -> dict[UUID, int]:
    """Return each home seen within reach of the instant, and how many seconds apart."""
    found: dict[UUID, int] = {}
    middle = _bucket(at, within)
    # What is within reach may lie beyond the border of a bucket, never beyond the next one.
    for number in (middle - 1, middle, middle + 1):
        for other in buckets.get((key, number), ()):
            gap = abs(other.at - at)
            if gap <= within:
                seconds = int(gap.total_seconds())
                found[other.home_id] = min(seconds, found.get(other.home_id, seconds))
    return found


def _ranked(home_id: UUID, places: dict[Key, list[int]], labels: dict[Key, str], within: timedelta) -> Ranked:
    minutes = int(within.total_seconds() // 60)
    reasons = [
        (WEIGHTS.get(key[0], 1) * len(gaps), Reason(key[0], labels[key], len(gaps), min(gaps), minutes))
        for key, gaps in places.items()
    ]
    reasons.sort(key=lambda one: (-one[0], one[1].closest_s, one[1].source, one[1].place_label))
    return Ranked(home_id, sum(weight for weight, _ in reasons), tuple(reason for _, reason in reasons))


def _bucket(at: datetime, within: timedelta) -> int:
    return (at - EPOCH) // within
