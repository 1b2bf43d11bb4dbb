"""The simulated phones show what real ones do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.modules.gate.rules import codes
from server.simulator import gatekeeper


@given(st.binary(max_size=200))
def test_the_simulators_base45_is_the_products(raw: bytes) -> None:
    assert gatekeeper.to_base45(raw) == codes.to_base45(raw)
    assert gatekeeper.from_base45(codes.to_base45(raw)) == raw
