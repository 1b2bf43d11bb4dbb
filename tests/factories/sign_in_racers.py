"""What racing processes do at the staff's door."""

from __future__ import annotations

from server.core.people import service as people
from server.core.people.service import passwords
from server.kit.errors import Refused, TooMany


def guess(login: str, times: int) -> int:
    """Try wrong passwords in a hurry; return how many were looked at before the door was shut."""
    looked_at = 0

    def _is_right(password: str, known: str | None) -> bool:
        nonlocal looked_at
        looked_at += 1
        return False

    passwords._is_right = _is_right
    for _ in range(times):
        try:
            people.sign_in_with_password(login, "guess", address="203.0.113.7")
        except (Refused, TooMany):
            continue
    return looked_at
