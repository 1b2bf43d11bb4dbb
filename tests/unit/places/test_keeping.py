"""What stays when a map is read again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.core.places.rules.keeping import KeptLane, heirs, labels_of, way_of


def lane(ref: str, *points: tuple[float, float]) -> KeptLane:
    return KeptLane(ref, (f"n{points[0]}", f"n{points[-1]}"), points)


def test_a_number_once_given_stays_when_another_house_is_drawn_before_it() -> None:
    known = {"w7": "#1"}
    assert labels_of([("w9", "#1", False), ("w7", "#2", False)], known) == {"w7": "#1", "w9": "#2"}


def test_a_number_of_the_map_itself_comes_before_one_made_up() -> None:
    assert labels_of([("w7", "12", True)], {"w7": "#1"}) == {"w7": "12"}


def test_a_made_up_label_gives_way_to_the_same_one_in_the_map() -> None:
    assert labels_of([("d1", "1", True), ("d2", "1", False)], {"d2": "1"}) == {"d1": "1", "d2": "2"}


@given(
    st.dictionaries(st.integers(0, 30), st.integers(1, 9)),
    st.lists(st.integers(0, 30), unique=True),
)
def test_no_label_is_given_twice_and_known_ones_stay(known: dict[int, int], now: list[int]) -> None:
    once = {f"w{ref}": f"#{label}" for label, ref in {v: k for k, v in known.items()}.items()}
    labels = labels_of([(f"w{ref}", f"#{i}", False) for i, ref in enumerate(now, start=1)], once)
    assert len(set(labels.values())) == len(now)
    assert all(labels[ref] == label for ref, label in once.items() if ref in labels)


def test_both_halves_of_a_lane_that_was_cut_are_its_heirs() -> None:
    old = [lane("w1.1", (0, 0), (100, 0))]
    new = [lane("w1.1", (0, 0), (40, 0)), lane("w1.2", (40, 0), (100, 0))]
    assert heirs(old, new) == {"w1.1": "w1.1", "w1.2": "w1.1"}


def test_a_piece_that_takes_over_another_ones_name_does_not_take_over_its_closing() -> None:
    # w1.2 was closed; now w1.1 is cut in two, so that w1.2 is an open piece and w1.3 the closed one.
    old = [lane("w1.2", (100, 0), (200, 0))]
    new = [
        lane("w1.1", (0, 0), (40, 0)),
        lane("w1.2", (40, 0), (100, 0)),
        lane("w1.3", (100, 0), (200, 0)),
    ]
    assert heirs(old, new) == {"w1.3": "w1.2"}


def test_a_lane_that_the_map_has_moved_is_still_itself() -> None:
    old = [KeptLane("w1.1", ("n1", "n2"), ((0, 0), (100, 0)))]
    new = [KeptLane("w1.1", ("n1", "n2"), ((0, 9), (100, 9)))]
    assert heirs(old, new) == {"w1.1": "w1.1"}


def test_another_street_on_the_same_line_inherits_nothing() -> None:
    assert heirs([lane("w1.1", (0, 0), (100, 0))], [lane("w12.1", (0, 0), (100, 0))]) == {}


def test_a_piece_belongs_to_its_way_and_what_was_added_to_none() -> None:
    assert [way_of(ref) for ref in ("w12.3", "w12.3/0/1", "door.n7.door", "join.n1.n2")] == [
        "w12",
        "w12",
        "door.n7.door",
        "join.n1.n2",
    ]
