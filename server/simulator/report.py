"""The figures of a run, as JSON and as a table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from server.simulator.ledger import Ledger

SERVED = frozenset({"dropped", "visited", "confirmed"})
# Who hears of things this much later by the town's clock, half the time, does not live in the town any more.
LATE_S = 300


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the smallest value that at least ``share`` of the values do not exceed; None of nothing."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else None


def is_served(need: Mapping[str, Any], follow_ups: Mapping[str, Sequence[Mapping[str, Any]]]) -> bool:
    """Tell whether a need was served: itself, or what it went on as when the shop had nothing of it."""
    if need["state"] in SERVED or (need["state"] == "closed" and need["closed_because"] == "done"):
        return True
    if need["state"] == "closed" and need["closed_because"] == "out_of_scope":
        return any(is_served(other, follow_ups) for other in follow_ups.get(need["id"], ()))
    return False


def _lacks_something(need_id: str, follow_ups: Mapping[str, Sequence[Mapping[str, Any]]]) -> bool:
    return any(
        not is_served(other, follow_ups) or _lacks_something(other["id"], follow_ups)
        for other in follow_ups.get(need_id, ())
    )


def _last_of(
    need_id: str,
    known: Mapping[str, Mapping[str, Any]],
    follow_ups: Mapping[str, Sequence[Mapping[str, Any]]],
) -> str:
    """Return the need that a need went on as, when its shop had nothing of it; that one has the reason."""
    while known[need_id]["closed_because"] == "out_of_scope" and follow_ups.get(need_id):
        need_id = follow_ups[need_id][-1]["id"]
    return need_id


def reason_of(need: Mapping[str, Any], wave_reasons: Mapping[str, str]) -> str:
    """Return why a need was not served; ``need``: its story, as the officer reads it."""
    if need["state"] == "cancelled":
        return "cancelled_by_home"
    if need["state"] == "closed":
        return f"closed_{need['closed_because']}"
    unmatched = need.get("unmatched")
    if unmatched:
        return str(unmatched["reason"])
    return wave_reasons.get(need["id"], f"still_{need['state']}")


def figures(
    ledger: Ledger,
    needs: Iterable[Mapping[str, Any]],
    stories: Mapping[str, Mapping[str, Any]],
    run: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the report.

    ``needs``: every need of the community; ``stories``: those of the unserved ones with all details; ``run``: what was
    asked for and how long it took.
    """
    known = {need["id"]: need for need in needs}
    follow_ups: dict[str, list[Mapping[str, Any]]] = {}
    for need in known.values():
        if need["follow_up_of"]:
            follow_ups.setdefault(need["follow_up_of"], []).append(need)
    served = [need_id for need_id in ledger.posted if is_served(known[need_id], follow_ups)]
    unserved = [need_id for need_id in ledger.posted if need_id not in set(served)]
    last = {need_id: _last_of(need_id, known, follow_ups) for need_id in unserved}
    reasons = Counter(reason_of(stories.get(n, known[n]), ledger.wave_reasons) for n in last.values())
    plans = ledger.waves.values()
    flows = Counter(known[need_id]["flow"] for need_id in ledger.posted)
    return {
        "run": dict(run),
        "needs": {
            "posted": len(ledger.posted),
            "services": flows["service"],
            "served": len(served),
            "unserved": len(unserved),
            "reasons": dict(reasons.most_common()),
            # Served, but what their shop lacked went on as a need of its own that was not.
            "served_in_part": sum(_lacks_something(need_id, follow_ups) for need_id in served),
            "follow_ups": len(known) - len(ledger.posted),
        },
        "plan": {
            "waves": len(ledger.waves),
            **{
                key: sum(plan.get(key, 0) for plan in plans)
                for key in ("stops", "routes", "cost", "violations")
            },
        },
        "drops": {
            "confirmed": len(ledger.confirmed),
            "failed": sum(ledger.failed_stops.values()),
            "failures": dict(ledger.failed_stops.most_common()),
        },
        "post_to_drop_s": _percentiles(ledger.post_to_drop_s.values(), p50=0.5, p95=0.95),
        "live_delay_ms": _percentiles(ledger.live_delay_ms, p50=0.5, p99=0.99),
        "live": {
            "messages": ledger.live_messages,
            "caught_up": ledger.live_caught_up,
            "again": ledger.live_again,
            "lost": ledger.live_lost,
            "disconnects": ledger.disconnects,
        },
        "http": {"requests": ledger.requests, "retries": ledger.retries},
        "gate": {name: ledger.gate[name] for name in ("scans", "allowed", "denied", "double_use")},
        "quarantine": {name: ledger.quarantine[name] for name in ("orders", "checks", "missed", "tasks")},
        "market": {
            name: ledger.market[name]
            for name in ("orders", "reserved", "oversold", "captured", "refunded", "ledger_sum")
        },
        "happened": dict(sorted(ledger.happened.items())),
        "errors": len(ledger.errors),
    }


def faults(report: Mapping[str, Any], *, served_at_least: float) -> list[str]:
    """Return why the run does not prove that the product works; nothing if it does.

    ``served_at_least``: share of the posted needs.
    """
    needs, found = report["needs"], []
    if report["errors"]:
        found.append(f"errors: {report['errors']}")
    if report["plan"]["violations"]:
        found.append(f"violated rules in plans: {report['plan']['violations']}")
    if needs["served"] < served_at_least * needs["posted"]:
        found.append(f"served: {needs['served']} of {needs['posted']}, less than {served_at_least:.0%}")
    return found


def is_too_fast(report: Mapping[str, Any], speed: float) -> bool:
    """Tell whether the clock ran faster than the machine could follow: the run says little about the product."""
    delay_ms = report["live_delay_ms"]["p50"]
    return delay_ms is not None and delay_ms / 1000 * speed > LATE_S


def table(report: Mapping[str, Any]) -> str:
    """Return the report as people read it."""
    lines = []
    for title, value in report.items():
        if isinstance(value, Mapping):
            lines.append(f"{title:<16}" + "  ".join(f"{k} {_short(v)}" for k, v in value.items()))
        else:
            lines.append(f"{title:<16}{_short(value)}")
    return "\n".join(lines)


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{key} {_short(one)}" for key, one in value.items()) + ")"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _percentiles(values: Iterable[float], **shares: float) -> dict[str, float | None]:
    kept = list(values)
    found = {name: percentile(kept, share) for name, share in shares.items()}
    return {name: None if value is None else round(value, 1) for name, value in found.items()}
