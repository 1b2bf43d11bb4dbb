"""The dispatcher without a server: solve a problem, check a plan, draw it.

`python -m dispatch solve PROBLEM.json --limit 5 -o PLAN.json`
`python -m dispatch check PROBLEM.json PLAN.json`
`python -m dispatch draw PROBLEM.json PLAN.json -o PLAN.svg`
`python -m dispatch gates GATES.json --limit 10 -o ANSWER.json`
`python -m dispatch check-gates GATES.json ANSWER.json`
`python -m dispatch bench --instance FILE --limit 5 --json`
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dispatch.bench import command
from dispatch.check import Violation, check
from dispatch.check.gates import check_gates
from dispatch.draw import draw
from dispatch.gates.choose import SECONDS, choose_gates
from dispatch.gates.plan import GatesPlan
from dispatch.gates.problem import GatesProblem
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.reading import BadProblem
from dispatch.solve import Limits, solve


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 0 good, 1 violations found, 2 unreadable input."""
    args = _parser().parse_args(arguments)
    try:
        if args.command == "bench":
            return command.run(args)
        if args.command == "gates":
            return _gates(GatesProblem.from_json(_load(args.problem)), args.limit, args.output)
        if args.command == "check-gates":
            gates = GatesProblem.from_json(_load(args.problem))
            return _report(check_gates(gates, GatesPlan.from_json(_load(args.plan))))
        problem = Problem.from_json(_load(args.problem))
        if args.command == "check":
            return _report(check(problem, Plan.from_json(_load(args.plan))))
        if args.command == "draw":
            return _draw(problem, Plan.from_json(_load(args.plan)), args.output)
        plan = solve(problem, Limits(args.limit))
        return _write(plan, problem, args.output)
    except BadProblem as error:
        print(f"dispatch: {error}", file=sys.stderr)
        return 2


def _write(plan: Plan, problem: Problem, output: Path | None) -> int:
    _put(plan.to_json(), output)
    print(
        f"{plan.served} of {len(problem.stops)} stops on {len(plan.routes)} routes, "
        f"cost {plan.cost.total} s, {plan.seconds} s of search",
        file=sys.stderr,
    )
    return 0


def _gates(problem: GatesProblem, seconds: float, output: Path | None) -> int:
    plan = choose_gates(problem, seconds)
    _put(plan.to_json(), output)
    proof = "proven the best" if plan.is_proven else f"at most {plan.gap_percent} % dearer than the best"
    print(
        f"{len(plan.chosen.open)} of {len(problem.gates)} gates open, {plan.chosen.cost.total} s an hour against "
        f"{plan.today.cost.total} s today, {proof}",
        file=sys.stderr,
    )
    return 0


def _put(answer: dict[str, Any], output: Path | None) -> None:
    text = json.dumps(answer, indent=1, ensure_ascii=False)
    if output:
        _save(text + "\n", output)
    else:
        print(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dispatch", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    solving = commands.add_parser("solve", help="plan a wave")
    solving.add_argument("problem", type=Path)
    solving.add_argument("--limit", type=_seconds, default=5.0, help="seconds of search (default 5)")
    solving.add_argument("-o", "--output", type=Path, help="write the plan here instead of standard output")
    drawing = commands.add_parser("draw", help="draw a plan as SVG; it must be a good one")
    drawing.add_argument("problem", type=Path)
    drawing.add_argument("plan", type=Path)
    drawing.add_argument("-o", "--output", type=Path, required=True)
    gates = commands.add_parser("gates", help="choose which gates to open")
    gates.add_argument("problem", type=Path)
    gates.add_argument(
        "--limit", type=_seconds, default=SECONDS, help=f"seconds of search (default {SECONDS:g})"
    )
    gates.add_argument("-o", "--output", type=Path, help="write the answer here instead of standard output")
    command.add_arguments(commands.add_parser("bench", help="measure this dispatcher and its peers"))
    for name, what in (("check", "a plan"), ("check-gates", "an answer about gates")):
        checking = commands.add_parser(name, help=f"check {what}; exit 1 if it is wrong")
        checking.add_argument("problem", type=Path)
        checking.add_argument("plan", type=Path)
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError("the limit must be more than 0 and at most 3600 seconds")
    return seconds


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadProblem(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BadProblem(f"{path} is no JSON: {error}") from None


def _save(text: str, output: Path) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadProblem(f"{output} cannot be written: {error.strerror}") from None


def _draw(problem: Problem, plan: Plan, output: Path) -> int:
    if violations := check(problem, plan):
        raise BadProblem(f"the plan does not fit the problem: {violations[0].code}")
    _save(draw(problem, plan), output)
    return 0


def _report(violations: list[Violation]) -> int:
    for violation in violations:
        print(json.dumps(asdict(violation), ensure_ascii=False))
    print(f"{len(violations)} violations", file=sys.stderr)
    return 1 if violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
