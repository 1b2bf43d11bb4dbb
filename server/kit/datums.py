"""WGS84, GCJ-02 and BD-09: Chinese maps are shifted by law, by up to 700 m.

Source: the published approximation of GCJ-02 (Krasovsky 1940 ellipsoid) and Baidu's documented offset; the way back is
found by iteration to 1e-9 degrees (a tenth of a millimetre).
"""

from __future__ import annotations

import math

AXIS_M = 6378245.0
ECCENTRICITY_2 = 0.00669342162296594323
BD_TURN = math.pi * 3000.0 / 180.0

Degrees = tuple[float, float]  # latitude, longitude


def is_in_china(at: Degrees) -> bool:
    """Tell whether the shift applies, by the rectangle that the providers use."""
    return 0.8293 <= at[0] <= 55.8271 and 72.004 <= at[1] <= 137.8347


def wgs84_to_gcj02(at: Degrees) -> Degrees:
    """Shift (latitude, longitude) as AMap and Tencent have it. Outside of China nothing changes."""
    if not is_in_china(at):
        return at
    latitude, longitude = at
    north, east = _offset(longitude - 105.0, latitude - 35.0)
    radians = math.radians(latitude)
    magic = 1 - ECCENTRICITY_2 * math.sin(radians) ** 2
    root = math.sqrt(magic)
    north = north * 180.0 / (AXIS_M * (1 - ECCENTRICITY_2) / (magic * root) * math.pi)
    east = east * 180.0 / (AXIS_M / root * math.cos(radians) * math.pi)
    return latitude + north, longitude + east


def gcj02_to_wgs84(at: Degrees) -> Degrees:
    """Undo the shift."""
    guess = at
    for _ in range(20):
        shifted = wgs84_to_gcj02(guess)
        north, east = at[0] - shifted[0], at[1] - shifted[1]
        guess = guess[0] + north, guess[1] + east
        if abs(north) < 1e-9 and abs(east) < 1e-9:
            break
    return guess


def bd09_to_gcj02(at: Degrees) -> Degrees:
    """Baidu's coordinates to GCJ-02."""
    x, y = at[1] - 0.0065, at[0] - 0.006
    radius = math.hypot(x, y) - 0.00002 * math.sin(y * BD_TURN)
    angle = math.atan2(y, x) - 0.000003 * math.cos(x * BD_TURN)
    return radius * math.sin(angle), radius * math.cos(angle)


def gcj02_to_bd09(at: Degrees) -> Degrees:
    """GCJ-02 to Baidu's coordinates."""
    x, y = at[1], at[0]
    radius = math.hypot(x, y) + 0.00002 * math.sin(y * BD_TURN)
    angle = math.atan2(y, x) + 0.000003 * math.cos(x * BD_TURN)
    return radius * math.sin(angle) + 0.006, radius * math.cos(angle) + 0.0065


def wgs84_to_bd09(at: Degrees) -> Degrees:
    """The world's coordinates to Baidu's."""
    return gcj02_to_bd09(wgs84_to_gcj02(at))


def bd09_to_wgs84(at: Degrees) -> Degrees:
    """Baidu's coordinates to the world's."""
    return gcj02_to_wgs84(bd09_to_gcj02(at))


def _offset(x: float, y: float) -> Degrees:
    waves = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += waves * 2.0 / 3.0
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += waves * 2.0 / 3.0
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    return north, east
