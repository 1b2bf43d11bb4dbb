"""`python -m dispatch bench`: one instance, or everything and its report."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from dispatch.bench import compounds, matched, public, replanning, report, sourced, throughput
from dispatch.bench.instances import read_instance
from dispatch.warm import warm_up

SIZES = [90, 200, 500]
HEAD = """# Benchmarks

Written by `python -m dispatch bench --write docs/benchmarks.md{data}`; not by hand. One thread each,
all solvers interleaved on one instance before the next. Building a solver's model is not counted. Every plan is checked
by `dispatch/check`.

{when}, {machine}.{note}

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--instance", type=Path, help="one public instance, whatever its family")
    parser.add_argument("--data", type=Path, help="a folder of public instances")
    parser.add_argument("--limit", type=float, nargs="*", default=[5.0], help="seconds a plan (default 5)")
    parser.add_argument(
        "--extracts", type=Path, nargs="*", default=[], help="OpenStreetMap files for compounds"
    )
    parser.add_argument("--only", nargs="*", help="names of instances in --data")
    parser.add_argument("--solver", nargs="*", help="default: all that are installed")
    parser.add_argument("--seeds", type=int, default=3, help="compounds of each size")
    parser.add_argument(
        "--runs", type=int, nargs="*", help="of each instance, for each limit (default --seeds)"
    )
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="stops of the compounds")
    parser.add_argument("--json", action="store_true", help="a line of JSON for each run")
    parser.add_argument(
        "--measured", type=Path, help="lines of --json of a run that was broken off: go on from there"
    )
    parser.add_argument("--note", help="what else a reader should know of this run")
    parser.add_argument("--write", type=Path, help="write the report to this file")


def run(args: argparse.Namespace) -> int:
    """Run what was asked for. Returns the exit status: 1 if the checker found a violation."""
    warm_up()
    if args.instance is not None:
        instance = read_instance(args.instance)
        results = [
            public.run(instance, solver, limit_s)
            for limit_s in args.limit
            for solver in args.solver or public.solvers()
        ]
        for result in results:
            print(json.dumps(asdict(result)) if args.json else result, flush=True)
        return int(any(result.violations for result in results))
    return _everything(args)


def _everything(args: argparse.Namespace) -> int:
    now = datetime.now(UTC).strftime("%Y-%m-%d")
    data = " --data FOLDER" if args.data else ""
    lines = HEAD.format(
        data=data, when=now, machine=report.machine(), note=f" {args.note}" if args.note else ""
    ).splitlines()
    violations = 0
    runs = args.runs or [args.seeds] * len(args.limit)
    for limit_s, times in zip(args.limit, runs, strict=True) if args.data else []:
        results, families = _public(args, limit_s, times)
        violations += sum(result.violations for result in results)
        if lines[-1] != "## Public instances" and "## Public instances" not in lines:
            lines += ["## Public instances", ""]
        lines += report.public_table(results, families, limit_s)
    figures = compounds.compare(args.sizes, [1.0, 5.0], list(range(1, args.seeds + 1)), args.extracts)
    violations += sum(figure.violations for figure in figures if figure.solver == public.OURS)
    lines += ["## Compounds with all the rules", "", *str(compounds.__doc__).splitlines()[2:], ""]
    lines += report.compound_table(figures)
    lines += ["## Throughput", "", str(throughput.__doc__), ""]
    lines += report.throughput_table(
        throughput.measure([0.2, 0.4, 0.55, 1.0], list(range(1, args.seeds + 1)))
    )
    replanned = replanning.measure(list(range(1, args.seeds + 1)))
    violations += sum(one.violations for one in replanned)
    lines += ["## Planning again", "", str(replanning.__doc__), "", *report.replanning_table(replanned)]
    lines += ["## Matching", "", str(matched.__doc__), "", *report.matching_table(matched.measure())]
    split = sourced.measure(list(range(1, args.seeds + 1)))
    violations += sum(one.violations for one in split)
    lines += ["## Sourcing", "", str(sourced.__doc__), "", *report.sourcing_table(split)]
    text = "\n".join(lines).rstrip() + "\n"
    if args.write:
        args.write.write_text(text, encoding="utf-8")
    print(text)
    return int(violations > 0)


def _public(
    args: argparse.Namespace, limit_s: float, runs: int
) -> tuple[list[public.Result], dict[str, str]]:
    results, families, known = [], {}, _measured(args.measured)
    for file in public.files_in(args.data):
        if args.only and file.stem not in args.only:
            continue
        instance = read_instance(file)
        families[instance.name] = instance.family
        for solver in args.solver or public.solvers():
            for seed in range(1, runs + 1):
                result = known.get((instance.name, solver, limit_s, seed))
                results.append(result or public.run(instance, solver, limit_s, seed))
                if args.json:
                    print(json.dumps(asdict(results[-1])), flush=True)
    return results, families


def _measured(file: Path | None) -> dict[tuple[str, str, float, int], public.Result]:
    if file is None:
        return {}
    lines = (line for line in file.read_text("utf-8").splitlines() if line.startswith("{"))
    found = [public.Result(**json.loads(line)) for line in lines]
    return {(one.instance, one.solver, one.limit_s, one.seed): one for one in found}
