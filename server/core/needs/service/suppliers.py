"""The one way in which needs know suppliers: modules provide "needs.supplier"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast
from uuid import UUID

from sqlalchemy.orm import Session

from server.core.communities import service as communities
from server.core.needs.rules.suppliers import Basket, SupplierCandidate
from server.kit.jobs import engine

EXTENSION_POINT = "needs.supplier"


class Supplier(Protocol):
    """Somebody who serves needs for goods.

    Every method works in the caller's transaction and commits nothing.
    """

    @property
    def name(self) -> str:
        """A stable name; offers keep it."""
        ...

    def candidates(
        self, session: Session, community_id: UUID, baskets: Sequence[Basket]
    ) -> list[SupplierCandidate]:
        """Return which shops could serve which baskets now."""
        ...

    def place(self, session: Session, community_id: UUID, offer_id: UUID, ref: UUID, basket: Basket) -> None:
        """Put the basket to the shop as an order and keep its stock for it.

        Raises Refused if the shop cannot serve all of it any more; nothing is kept then.
        """
        ...

    def withdraw(self, session: Session, community_id: UUID, offer_id: UUID, why: str) -> None:
        """Take the order back and free its stock. Twice is once. Raises Refused once the goods are packed."""
        ...


def suppliers_of(session: Session, community_id: UUID) -> list[Supplier]:
    """Return the suppliers of the modules that the community has on."""
    switched_on = communities.modules_of(session, community_id)
    return cast("list[Supplier]", engine().registry.providers(EXTENSION_POINT, switched_on))


def supplier_named(session: Session, community_id: UUID, name: str | None) -> Supplier | None:
    """Return the supplier of that name if its module is on."""
    return next((s for s in suppliers_of(session, community_id) if s.name == name), None)
