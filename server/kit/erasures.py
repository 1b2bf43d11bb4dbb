"""The list of whom has been erased, kept outside the database: an old backup still holds their wrapped keys.

One line for each erasure: the subject's id and when. It names nobody, may be copied anywhere, and is replayed after a
restore (`linli erase-again`, and by `linli run` itself). Keep it apart from the backups, as the keys are.
"""

from __future__ import annotations

import fcntl
import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.kit.subject_keys import SubjectKey

NAME = "erasures.list"
_path: Path | None = None


class BadList(Exception):
    """A line of an erasure list is not one; the message names it."""


def use_list(path: Path) -> None:
    """Make ``path`` the process's erasure list."""
    global _path
    _path = path


def erased(path: Path | None = None) -> dict[UUID, datetime]:
    """Return who was erased, and when last; nobody where there is no list yet. Raises BadList."""
    path = path or _list()
    found: dict[UUID, datetime] = {}
    for number, line in enumerate(path.read_text().splitlines() if path.exists() else [], start=1):
        try:
            subject, at = line.split()
            subject_id, erased_at = UUID(subject), datetime.fromisoformat(at)
        except ValueError:
            raise BadList(f"{path}, line {number}: not a subject's id and a time") from None
        found[subject_id] = max(erased_at, found.get(subject_id, erased_at))
    return found


def complete_list(session: Session) -> int:
    """Write down what was erased here and is not on the list yet; return how many lines.

    Right after each erasure, and every hour: whatever came between a commit and its line is made good.
    """
    rows = session.execute(
        select(SubjectKey.subject_id, func.max(SubjectKey.destroyed_at))
        .where(SubjectKey.destroyed_at.is_not(None))
        .group_by(SubjectKey.subject_id)
    ).all()
    if not rows:
        return 0
    with _list().open("a") as file:
        # Several processes may do so at once; a line is written whole or not at all.
        fcntl.flock(file, fcntl.LOCK_EX)
        known = erased()
        lines = [
            f"{who} {at.isoformat()}\n"
            for who, at in rows
            if at is not None and (who not in known or known[who] < at)
        ]
        file.write("".join(lines))
        file.flush()
        os.fsync(file.fileno())
    return len(lines)


def _list() -> Path:
    if _path is None:
        raise RuntimeError("no erasure list: create_app() sets it")
    return _path
