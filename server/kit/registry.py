"""All installed capabilities, checked once at the start and looked up ever after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from server.kit.events import Event
from server.kit.module import Job, LiveFact, MayWatch, Module, Subscription


class WrongManifest(Exception):
    """Manifests that contradict each other; the message names them."""


class Registry:
    """The installed modules in an order in which each comes after what it requires.

    Raises WrongManifest for two of one name, a missing requirement, a cycle, or a clash of codes.
    """

    def __init__(self, modules: Iterable[Module]) -> None:
        listed = tuple(modules)
        self._by_name = {module.name: module for module in listed}
        if len(self._by_name) != len(listed):
            raise WrongManifest("two modules have one name")
        self.modules = tuple(self._by_name[name] for name in self._in_order())
        self.roles_of = {p.code: frozenset(p.roles) for m in self.modules for p in m.permissions}
        self.events = _once({e.kind: e for e in module.emits} for module in self.modules)
        self.jobs: dict[str, Job] = _once({j.name: j for j in module.jobs} for module in self.modules)
        self.rooms: dict[str, MayWatch] = _once(dict(module.rooms) for module in self.modules)
        self.texts: dict[str, tuple[str, str]] = _once(dict(module.texts) for module in self.modules)
        self._owner_of_job = {job.name: module for module in self.modules for job in module.jobs}
        self._refuse_unheard()

    def _refuse_unheard(self) -> None:
        for module in self.modules:
            heard = [s.event for s in module.hears] + [fact.event for fact in module.live]
            for event in heard:
                if event.kind not in self.events:
                    raise WrongManifest(f"{module.name} hears {event.kind}, which nobody emits")

    def _in_order(self) -> list[str]:
        order: list[str] = []
        pending: set[str] = set()

        def visit(name: str, wanted_by: str) -> None:
            if name in order:
                return
            if name in pending:
                raise WrongManifest(f"{name} and {wanted_by} require each other")
            if name not in self._by_name:
                raise WrongManifest(f"{wanted_by} requires {name}, which is not installed")
            pending.add(name)
            for required in self._by_name[name].requires:
                visit(required, name)
            pending.discard(name)
            order.append(name)

        for name in self._by_name:
            visit(name, name)
        return order

    def module(self, name: str) -> Module | None:
        """Return the module of that name, or None."""
        return self._by_name.get(name)

    def is_on(self, name: str, switched_on: frozenset[str]) -> bool:
        """Tell whether the module is on in a community: core always, others by switch, and all they require too."""
        module = self._by_name.get(name)
        if module is None:
            return False
        if module.is_core:
            return True
        return name in switched_on and all(self.is_on(needed, switched_on) for needed in module.requires)

    def owner_of_job(self, job_name: str) -> Module:
        """Return the module that declares the job. Raises KeyError if none does."""
        return self._owner_of_job[job_name]

    def subscriptions(self, event: type[Event]) -> list[tuple[Module, Subscription[Any]]]:
        """Return who hears ``event``."""
        return [(m, s) for m in self.modules for s in m.hears if s.event is event]

    def live_facts(self, event: type[Event]) -> list[tuple[Module, LiveFact[Any]]]:
        """Return what ``event`` looks like on the live channel."""
        return [(m, f) for m in self.modules for f in m.live if f.event is event]

    def providers(self, point: str, switched_on: frozenset[str]) -> list[Any]:
        """Return the implementations of an extension point by the modules that are on."""
        return [
            m.provides[point] for m in self.modules if point in m.provides and self.is_on(m.name, switched_on)
        ]


def _once(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    together: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if key in together and together[key] is not value:
                raise WrongManifest(f"{key} is declared twice")
            together[key] = value
    return together
