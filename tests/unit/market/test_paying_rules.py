"""What an order's money has to do next: by example, and as a walk of chance that must always end where it belongs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.modules.market.rules.paying import Goods, PayStep, Sums, due_fen, is_settled, next_step

NOTHING = Sums(False, False, False, 0, 0, 0, 0, 0, 0)
AUTHORISED = replace(NOTHING, is_authorised=True, authorised_fen=3_000)
CAPTURED = replace(NOTHING, is_captured=True, authorised_fen=3_000, captured_fen=2_000, held_fen=2_000)


@pytest.mark.parametrize(
    ("goods", "due"),
    [
        (Goods(2_000, parcels=0, dropped=0, is_over=False), None),
        (Goods(2_000, parcels=2, dropped=1, is_over=False), None),
        (Goods(2_000, parcels=2, dropped=2, is_over=False), 2_000),
        (Goods(2_000, parcels=2, dropped=2, is_over=True, granted_fen=500), 1_500),
        (Goods(2_000, parcels=0, dropped=0, is_over=True), 0),
        (Goods(2_001, parcels=2, dropped=1, is_over=True), 1_000),
        (Goods(2_000, parcels=1, dropped=1, is_over=True, granted_fen=9_000), 0),
    ],
)
def test_what_is_due_is_what_was_dropped_less_what_was_granted(goods: Goods, due: int | None) -> None:
    assert due_fen(goods) == due


@pytest.mark.parametrize(
    ("due", "sums", "is_final", "step"),
    [
        (None, AUTHORISED, True, None),
        (2_000, NOTHING, True, None),
        (2_000, AUTHORISED, False, (PayStep.CAPTURE, 2_000)),
        (9_000, AUTHORISED, False, (PayStep.CAPTURE, 3_000)),
        (0, AUTHORISED, False, (PayStep.CAPTURE, 0)),
        (2_000, CAPTURED, False, None),
        (2_000, CAPTURED, True, (PayStep.PAY_OUT, 2_000)),
        (1_500, CAPTURED, True, (PayStep.REFUND, 500)),
        (1_500, replace(CAPTURED, held_fen=0, paid_out_fen=2_000), True, (PayStep.REVERSE, 500)),
        (1_500, replace(CAPTURED, is_waiting=True), True, None),
        (1_500, replace(CAPTURED, disputed_fen=2_000), True, None),
    ],
)
def test_the_next_step(due: int | None, sums: Sums, is_final: bool, step: tuple[PayStep, int] | None) -> None:
    assert next_step(due, sums, is_final=is_final) == step


def done(sums: Sums, step: PayStep, amount: int) -> Sums:
    """The payment once the step is done, as money's own rules move it."""
    match step:
        case PayStep.CAPTURE:
            return replace(
                sums, is_authorised=False, is_captured=amount > 0, captured_fen=amount, held_fen=amount
            )
        case PayStep.REFUND:
            return replace(sums, refunded_fen=sums.refunded_fen + amount, held_fen=sums.held_fen - amount)
        case PayStep.REVERSE:
            return replace(sums, paid_out_fen=sums.paid_out_fen - amount, held_fen=sums.held_fen + amount)
        case PayStep.PAY_OUT:
            return replace(sums, paid_out_fen=sums.paid_out_fen + amount, held_fen=sums.held_fen - amount)


@given(
    price=st.integers(1, 5_000),
    seen=st.lists(
        st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 4_000), st.booleans()), max_size=8
    ),
)
def test_whatever_is_seen_in_between_it_ends_where_it_belongs(
    price: int, seen: list[tuple[int, bool, int, bool]]
) -> None:
    sums = replace(NOTHING, is_authorised=True, authorised_fen=price)
    last = (3, True, min(700, price), True)
    for dropped, is_over, granted, is_final in [*seen, last]:
        due = due_fen(Goods(price, parcels=3, dropped=dropped, is_over=is_over, granted_fen=granted))
        for _ in range(4):
            step = next_step(due, sums, is_final=is_final)
            if step is None:
                break
            sums = done(sums, *step)
            assert sums.captured_fen == sums.held_fen + sums.refunded_fen + sums.paid_out_fen
            assert min(sums.held_fen, sums.refunded_fen, sums.paid_out_fen) >= 0
        assert next_step(due, sums, is_final=is_final) is None
    due = price - last[2]
    if sums.captured_fen - sums.refunded_fen >= due:
        assert sums.paid_out_fen == due
        assert is_settled(due, sums, is_final=True)
