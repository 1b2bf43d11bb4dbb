"""WGS84, GCJ-02 and BD-09."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.datums import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    is_in_china,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from server.kit.ports.geocoder import metres_between

CHINA = st.tuples(st.floats(18.2, 53.5), st.floats(73.7, 134.7))


@given(CHINA)
def test_there_and_back_is_within_a_centimetre(at: tuple[float, float]) -> None:
    assert metres_between(gcj02_to_wgs84(wgs84_to_gcj02(at)), at) < 0.01


@given(CHINA)
def test_the_shift_is_never_more_than_a_kilometre(at: tuple[float, float]) -> None:
    assert metres_between(wgs84_to_gcj02(at), at) < 1000


# The example that the wandergis/coordtransform package publishes, which other implementations test against as well.
EXAMPLE = (39.915, 116.404)


def test_the_shift_is_the_published_one() -> None:
    assert wgs84_to_gcj02(EXAMPLE) == pytest.approx((39.91640428150164, 116.41024449916938), abs=1e-9)
    assert gcj02_to_bd09(EXAMPLE) == pytest.approx((39.92133699351021, 116.41036949371029), abs=1e-9)
    assert bd09_to_gcj02(EXAMPLE) == pytest.approx((39.90865673957631, 116.39762729119315), abs=1e-9)
    # Published as the single step back, which is off by a metre or two; ours repeats it until it fits.
    assert metres_between(gcj02_to_wgs84(EXAMPLE), (39.91359571849836, 116.39775550083061)) < 2


@given(CHINA)
def test_to_baidu_and_back_is_within_half_a_metre(at: tuple[float, float]) -> None:
    assert metres_between(bd09_to_wgs84(wgs84_to_bd09(at)), at) < 0.5


@pytest.mark.parametrize("at", [(48.85, 2.35), (35.0, 139.7), (0.0, 110.0)])
def test_outside_of_china_nothing_is_shifted(at: tuple[float, float]) -> None:
    assert not is_in_china(at)
    assert gcj02_to_wgs84(at) == wgs84_to_gcj02(at) == at
