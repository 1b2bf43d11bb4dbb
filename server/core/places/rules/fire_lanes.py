"""Taking roads for fire lanes where a map has none, on somebody's word."""

from __future__ import annotations

from dataclasses import replace

from server.core.places.rules.hanging import FOOT_KINDS
from server.core.places.rules.survey import Survey, SurveyedLane

# GB 50016-2014, 7.1.8 asks for 4 m; old compounds often have 3 m, where carts pass and may stand aside.
LEAST_CM = 300


def assume_fire_lanes(survey: Survey) -> Survey:
    """Return the survey with every road at least 3 m wide as a fire lane, unless the map marks some already.

    What was taken is counted among the findings.
    """
    if any(lane.is_fire_lane for lane in survey.lanes):
        return survey
    lanes = tuple(
        replace(lane, is_fire_lane=True, is_marked=True) if _is_wide(lane) else lane for lane in survey.lanes
    )
    for lane in lanes:
        if lane.is_fire_lane:
            survey.findings.add("fire_lane_assumed", lane.ref)
    return replace(survey, lanes=lanes)


def _is_wide(lane: SurveyedLane) -> bool:
    return lane.kind not in (*FOOT_KINDS, "approach") and lane.width_cm >= LEAST_CM
