"""`python -m dispatch` by its exit status and words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_yard import stop, yard

from dispatch.__main__ import main
from dispatch.plan import Plan


@pytest.fixture
def problem_file(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(yard(stop()).to_json()))
    return path


def test_a_problem_is_solved_and_its_plan_checked(problem_file: Path, tmp_path: Path) -> None:
    plan_file = tmp_path / "plan.json"
    assert main(["solve", str(problem_file), "--limit", "0.1", "-o", str(plan_file)]) == 0
    assert Plan.from_json(json.loads(plan_file.read_text())).served == 1
    assert main(["check", str(problem_file), str(plan_file)]) == 0


def test_a_plan_is_drawn_only_for_its_own_problem(problem_file: Path, tmp_path: Path) -> None:
    plan_file, picture = tmp_path / "plan.json", tmp_path / "plan.svg"
    main(["solve", str(problem_file), "--limit", "0.1", "-o", str(plan_file)])
    assert main(["draw", str(problem_file), str(plan_file), "-o", str(picture)]) == 0
    assert picture.read_text().startswith("<svg")
    problem_file.write_text(json.dumps(yard(stop("another")).to_json()))
    assert main(["draw", str(problem_file), str(plan_file), "-o", str(picture)]) == 2


def test_a_wrong_plan_ends_with_one_and_lists_what_is_wrong(
    problem_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan_file = tmp_path / "plan.json"
    main(["solve", str(problem_file), "--limit", "0.1", "-o", str(plan_file)])
    plan = json.loads(plan_file.read_text())
    plan["routes"][0]["end_s"] = 1
    plan_file.write_text(json.dumps(plan))
    assert main(["check", str(problem_file), str(plan_file)]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[0])["code"] == "too_fast"


def _changed(path: tuple[str | int, ...], value: Any) -> str:
    data: Any = yard(stop(), horizon_s=3600).to_json()
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no JSON"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "must be a JSON object"),
        ("{}", "version None"),
        ('{"version": 2}', "nodes is missing"),
        (_changed(("version",), 1), "version 1"),
        (_changed(("horizon_s",), "soon"), "problem.horizon_s must be a whole number"),
        (_changed(("horizon_s",), 0), "horizon_s must be between"),
        (_changed(("stops", 0, "load_g"), True), "problem.stops[0].load_g must be a whole number"),
        (_changed(("stops", 0, "load_g"), -1), "loads, times and priority"),
        (_changed(("stops", 0, "load_g"), 10**30), "out of range"),
        (_changed(("stops", 0, "windows"), [[5]]), "problem.stops[0].windows[0] must have 2 values"),
        (_changed(("stops", 0, "windows"), [[5, 1]]), "ends before it starts"),
        (_changed(("stops", 0, "kind"), "raid"), "must be one of delivery, visit"),
        (_changed(("stops", 0, "node"), "moon"), "a node that is not there"),
        (_changed(("stops", 0, "colour"), "red"), "unknown field 'colour'"),
        (_changed(("lanes", 0, "length_m"), float("nan")), "out of range"),
        (_changed(("lanes", 0, "length_m"), -5), "length and steps"),
        (_changed(("profiles", 0, "speed_m_s"), 0), "speed_m_s"),
        (_changed(("vehicles", 0, "profile"), "jet"), "no profile 'jet'"),
        (_changed(("vehicles", 0, "max_route_s"), 0), "max_route_s must be between"),
        (_changed(("vehicles", 0, "skills"), "all"), "problem.vehicles[0].skills must be a list"),
        (_changed(("walking_profile",), "swim"), "no profile 'swim'"),
        (_changed(("nodes", 1, "id"), "gate"), "two of the name 'gate'"),
    ],
)
def test_a_problem_that_cannot_be_read_ends_with_two_and_a_sentence(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "problem.json"
    path.write_text(text)
    assert main(["solve", str(path), "--limit", "0.1"]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "plan",
    ["[]", '{"version": 2}', '{"version": 2, "digest": 5}', '{"version": 2, "routes": [{}]}', "nonsense"],
)
def test_a_plan_that_cannot_be_read_ends_with_two(plan: str, problem_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(plan)
    assert main(["check", str(problem_file), str(path)]) == 2


def test_a_file_that_is_not_there_ends_with_two(tmp_path: Path) -> None:
    assert main(["solve", str(tmp_path / "nothing.json")]) == 2


def test_a_plan_that_cannot_be_written_ends_with_two_and_says_where(
    problem_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "no such folder" / "plan.json"
    assert main(["solve", str(problem_file), "--limit", "0.1", "-o", str(nowhere)]) == 2
    assert "plan.json cannot be written" in capsys.readouterr().err


def test_a_limit_that_is_no_time_is_refused(problem_file: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["solve", str(problem_file), "--limit", "nan"])
    assert stopped.value.code == 2
