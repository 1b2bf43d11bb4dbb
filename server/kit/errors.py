"""What can go wrong, as facts: a stable code and JSON-able values; never prose.

`server.kit.http` turns these into application/problem+json (RFC 9457) with a translated sentence.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Problem(Exception):
    """Base of everything a caller is told. ``code`` is stable, ``facts`` are JSON-able."""

    status: ClassVar[int] = 422

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.facts}" if self.facts else self.code


class Refused(Problem):
    """A rule says no."""


class BadRequest(Problem):
    """The request itself is malformed."""

    status = 400


class Unauthenticated(Problem):
    """Nobody is signed in."""

    status = 401


class Forbidden(Problem):
    """Somebody is signed in, who may not."""

    status = 403


class NotFound(Problem):
    """There is no such thing, or none that the caller may know of."""

    status = 404


class Conflict(Problem):
    """The thing has moved on meanwhile."""

    status = 409


class TooMany(Problem):
    """Too many tries; ``retry_after_s`` among the facts says when to come back."""

    status = 429


class Unavailable(Problem):
    """Something outside does not answer just now; ``retry_after_s`` among the facts says when to come back."""

    status = 503


class OutsideFailed(Exception):
    """A service outside (SMS, geocoder, payments) failed; the job engine tries again."""
