"""Which processes run below another, read from /proc: for tests that kill some of them."""

from __future__ import annotations

import time
from pathlib import Path


def pids() -> list[int]:
    """Return the processes of this machine."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def parent(pid: int) -> int:
    """Return the parent of a process, 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def command_line(pid: int) -> bytes:
    """Return what the process was started with, nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def is_gone(pid: int, *, within_s: float = 20.0) -> bool:
    """Tell whether the process ends by then; one that nobody has asked for its result counts as ended."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            threads = [stat.read_text() for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
            if all(stat.rpartition(")")[2].split()[0] in "ZX" for stat in threads):
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def descendants(ancestor: int) -> list[int]:
    """Return the processes below ``ancestor``, in whatever session they are."""
    parents = {pid: parent(pid) for pid in pids()}
    return [pid for pid in parents if pid != ancestor and _descends(pid, ancestor, parents)]


def _descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid and pid != ancestor:
        pid = parents.get(pid, 0)
    return pid == ancestor
