"""Who may do what: roles granted at a place, permissions that modules declare, and one check that fails closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import current_app, g

from server.kit.errors import Forbidden, NotFound, Unauthenticated
from server.kit.tenancy import CommunityRef

# A role that holds another one's powers too.
INCLUDES: dict[str, frozenset[str]] = {"admin": frozenset({"officer"})}

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Grant:
    """A role at a place: at one community, or at an area of the five levels and all below it."""

    role: str
    community_id: UUID | None = None
    area_path: str | None = None

    def holds_in(self, community: CommunityRef) -> bool:
        if self.community_id is not None:
            return self.community_id == community.id
        if not self.area_path:
            return False
        return community.area_path == self.area_path or community.area_path.startswith(self.area_path + "/")


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a signed-in person, or the system itself (``person_id`` None)."""

    person_id: UUID | None
    grants: tuple[Grant, ...] = field(default=(), repr=False)
    is_system: bool = False

    def roles_in(self, community: CommunityRef) -> frozenset[str]:
        """Return the roles held in the community, included ones too."""
        roles = {grant.role for grant in self.grants if grant.holds_in(community)}
        return frozenset(roles.union(*(INCLUDES.get(role, frozenset()) for role in roles)))

    def has(self, role: str, community: CommunityRef) -> bool:
        return self.is_system or role in self.roles_in(community)

    @property
    def id(self) -> UUID:
        """The person's id. Raises Unauthenticated for the system, which is nobody."""
        if self.person_id is None:
            raise Unauthenticated("auth.required")
        return self.person_id


SYSTEM = Actor(person_id=None, is_system=True)


@dataclass(frozen=True)
class Permission:
    """A power with a stable code, and the roles that have it."""

    code: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Access:
    """What an endpoint demands: a permission, any signed-in person, or nothing (with the reason why)."""

    permission: str | None = None
    is_public: bool = False
    why: str = ""


def allow(permission: str) -> Callable[[View], View]:
    """Mark an endpoint: only those with ``permission`` in the community may call it."""
    return _mark(Access(permission=permission))


def signed_in(view: View) -> View:
    """Mark an endpoint: any signed-in person may call it; its service looks at the object."""
    return _mark(Access())(view)


def public(why: str) -> Callable[[View], View]:
    """Mark an endpoint: anybody may call it, because ``why``."""
    return _mark(Access(is_public=True, why=why))


def access_of(view: Callable[..., Any]) -> Access | None:
    """Return what the endpoint demands; None if it was never said (such an app does not start)."""
    return getattr(view, "linli_access", None)


def current_actor() -> Actor:
    """Return who is signed in. Raises Unauthenticated if nobody is."""
    actor = optional_actor()
    if actor is None:
        raise Unauthenticated("auth.required")
    return actor


def optional_actor() -> Actor | None:
    """Return who is signed in, or None."""
    if "actor" not in g:
        g.actor = current_app.extensions["linli"].load_actor()
    return cast("Actor | None", g.actor)


def check_access(access: Access, community: CommunityRef | None, roles_of: dict[str, frozenset[str]]) -> None:
    """Raise unless the present actor satisfies ``access``.

    ``roles_of``: the roles that have each permission. A stranger to the community is told 404, not 403: who is not
    of the community need not learn that it exists.
    """
    if access.is_public:
        return
    actor = current_actor()
    if access.permission is None:
        return
    if community is None:
        raise Forbidden("auth.forbidden", permission=access.permission)
    held = actor.roles_in(community)
    if not held:
        raise NotFound("community.not_found")
    if not held & roles_of[access.permission]:
        raise Forbidden("auth.forbidden", permission=access.permission)


def _mark(access: Access) -> Callable[[View], View]:
    def marked(view: View) -> View:
        view.linli_access = access  # type: ignore[attr-defined]  # a mark that functools.wraps carries along
        return view

    return marked
