"""Whose pass it is that somebody shows: by code, paper, six digits or identity document."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.modules.gate.models import Credential, Pass
from server.modules.gate.rules.codes import CodeKind, check_step, is_genuine, read_code
from server.modules.gate.rules.leaving import Reason
from server.modules.gate.service.keys import public_key
from server.modules.gate.service.passes import document_index


class How(StrEnum):
    """How somebody shows who they are; ``none``: not at all."""

    CODE = "code"
    PAPER = "paper"
    NUMBER = "number"
    DOCUMENT = "document"
    NONE = "none"


@dataclass(frozen=True)
class Shown:
    """What was shown: the pass it belongs to, if any, and what is wrong with it."""

    how: How
    row: Pass | None = None
    step: int | None = None
    reasons: tuple[Reason, ...] = field(default=())

    def plus(self, *reasons: Reason | None) -> Shown:
        return replace(self, reasons=self.reasons + tuple(reason for reason in reasons if reason))


def look(session: Session, community_id: UUID, how: How, text: str, *, at: datetime) -> Shown:
    """Find the pass and weigh what was shown at the instant ``at``; never raises for what anybody may type."""
    if how is How.NONE:
        return Shown(how, reasons=(Reason("no_pass"),))
    if how in (How.CODE, How.PAPER):
        return _by_code(session, community_id, text.strip("\r\n"), at)
    is_number = how is How.NUMBER
    same = Pass.number == "".join(text.split()) if is_number else Pass.document_index == document_index(text)
    row = session.scalars(
        select(Pass)
        .where(Pass.community_id == community_id, Pass.state == "active", same)
        .order_by(Pass.until_at.desc(), Pass.id)
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return Shown(how, reasons=(Reason("unknown"),))
    return Shown(how, row).plus(_period(row, at))


def _by_code(session: Session, community_id: UUID, text: str, at: datetime) -> Shown:
    code = read_code(text)
    if code is None:
        return Shown(How.CODE, reasons=(Reason("unreadable"),))
    how = How.CODE if code.kind is CodeKind.ROTATING else How.PAPER
    if not is_genuine(code, community_id, public_key(community_id)):
        return Shown(how, reasons=(Reason("forged"),))
    credential = session.scalars(
        select(Credential)
        .where(Credential.community_id == community_id, Credential.serial == code.serial)
        .execution_options(populate_existing=True)
    ).first()
    if credential is None:
        return Shown(how, reasons=(Reason("unknown"),))
    row = session.scalars(
        select(Pass)
        .where(Pass.community_id == community_id, Pass.id == credential.pass_id)
        .execution_options(populate_existing=True)
    ).one()
    shown = Shown(how, row, code.step)
    if row.state != "active" or (credential.ended_at is not None and credential.ended_at <= at):
        shown = shown.plus(_ended(row))
    if code.step is not None:
        shown = shown.plus(check_step(code.step, at=at))
    return shown.plus(_period(row, at))


def ended_before(session: Session, community_id: UUID, text: str, at: datetime) -> bool:
    """Tell whether what a genuine code is shown with had been ended at an instant."""
    code = read_code(text)
    if code is None:
        return False
    ended_at = session.scalar(
        select(Credential.ended_at).where(
            Credential.community_id == community_id, Credential.serial == code.serial
        )
    )
    return ended_at is not None and ended_at <= at


def _ended(row: Pass) -> Reason:
    if row.state == "active":
        # The pass is on another phone, or on a newer sheet.
        return Reason("replaced")
    return Reason("expired" if row.state == "expired" else "revoked")


def _period(row: Pass, at: datetime) -> Reason | None:
    if at < row.from_at:
        return Reason("not_yet", {"next_at": row.from_at.isoformat()})
    if at >= row.until_at and row.state != "expired":
        return Reason("expired")
    return None
