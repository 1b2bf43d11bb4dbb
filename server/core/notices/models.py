"""What people have been told."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base, new_id, tenant_key


class Notice(Base):
    """One notice to one person. ``facts``: ids and states; the sentence is made of ``kind`` when it is read."""

    __tablename__ = "notices_notice"
    __table_args__ = (
        Index("ix_notices_notice_mine", "community_id", "person_id", "id"),
        Index("ix_notices_notice_unread", "person_id", "read_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    community_id: Mapped[UUID] = tenant_key()
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people_person.id"))
    kind: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
