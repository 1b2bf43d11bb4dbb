"""Overlaps: the ranking against counting every pair."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from server.kit.ports.sightings import Sighting
from server.modules.tracing.rules.ranking import WEIGHTS, WITHIN, rank

START = datetime(2026, 3, 1, tzinfo=UTC)
CASE, NEIGHBOUR, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
GATE, LIFT = UUID(int=11), UUID(int=12)


def seen(home: UUID, second: int, source: str = "gate", place: UUID = GATE) -> Sighting:
    return Sighting(source, place, f"place {place.int}", home, START + timedelta(seconds=second))


sightings = st.lists(
    st.builds(
        seen,
        st.integers(1, 5).map(lambda n: UUID(int=n)),
        st.integers(0, 3000),
        st.sampled_from(["gate", "lift", "drop"]),
        st.sampled_from([GATE, LIFT]),
    ),
    max_size=40,
)


def test_three_times_at_one_gate_within_five_minutes_is_the_reason_given() -> None:
    (found,) = rank(
        [seen(h, s + (60 if h == NEIGHBOUR else 0)) for h in (CASE, NEIGHBOUR) for s in (0, 900, 1800)], CASE
    )
    (reason,) = found.reasons
    assert (reason.times, reason.within_min, reason.closest_s, found.score) == (3, 5, 60, 6)


def test_neighbours_over_the_border_of_a_bucket_meet() -> None:
    assert rank([seen(CASE, 299), seen(NEIGHBOUR, 301)], CASE)[0].home_id == NEIGHBOUR


def test_a_lift_says_more_than_a_gate() -> None:
    both = [seen(CASE, 0), seen(NEIGHBOUR, 0), seen(CASE, 5, "lift", LIFT), seen(OTHER, 5, "lift", LIFT)]
    assert [one.home_id for one in rank(both, CASE)] == [OTHER, NEIGHBOUR]


@given(sightings)
def test_the_ranking_counts_what_every_pair_says(listed: list[Sighting]) -> None:
    expected: dict[UUID, int] = {}
    for home in {one.home_id for one in listed} - {CASE}:
        met = {
            (a.source, a.place_id, a.at)
            for a in listed
            for b in listed
            if (a.home_id, b.home_id) == (CASE, home)
            and (a.source, a.place_id) == (b.source, b.place_id)
            and abs(a.at - b.at) <= WITHIN
        }
        if met:
            expected[home] = sum(WEIGHTS[source] for source, _, _ in met)
    ranked = rank(listed, CASE)
    assert {one.home_id: one.score for one in ranked} == expected
    assert [one.score for one in ranked] == sorted(expected.values(), reverse=True)


@given(sightings, st.randoms())
def test_the_order_of_the_sightings_changes_nothing(listed: list[Sighting], chance: object) -> None:
    shuffled = sorted(listed, key=lambda _: chance.random())  # type: ignore[attr-defined]  # a random.Random
    assert rank(shuffled, CASE) == rank(listed, CASE)
