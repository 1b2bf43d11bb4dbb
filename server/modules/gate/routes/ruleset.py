"""Endpoints of the rules and of devices."""

from __future__ import annotations

from uuid import UUID

from server.kit.db import reading, transaction
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.gate import service
from server.modules.gate.routes.blueprint import bp
from server.modules.gate.rules.leaving import Rules
from server.modules.gate.schemas import (
    DeviceIn,
    DeviceOut,
    DevicesOut,
    EffectOut,
    NewDeviceOut,
    PreviewIn,
    RulesIn,
    RulesIO,
    RulesOut,
    VersionOut,
    VersionsOut,
)


@bp.get("/rules")
@bp.output(RulesOut)
@allow("gate.see_rules")
def get_rules() -> RulesOut:
    """Return the rules that hold now; everybody may know them."""
    with reading() as session:
        version, rules = service.rules_at(session, current_community().id)
        return _rules_out(version, rules)


@bp.get("/rules/versions")
@bp.output(VersionsOut)
@allow("gate.set_rules")
def rule_versions() -> VersionsOut:
    """List the versions there have been, newest first."""
    with reading() as session:
        rows = service.versions(session, current_community().id)
        return VersionsOut(items=[VersionOut.model_validate(row) for row in rows])


@bp.post("/rules")
@bp.input(RulesIn, arg_name="body")
@bp.output(RulesOut, status_code=201)
@allow("gate.set_rules")
@idempotent
def set_rules(body: RulesIn) -> RulesOut:
    """Set new rules from now on; the reason is demanded and kept."""
    rules = service.from_json(body.rules.model_dump(mode="json"))
    with transaction() as session:
        version = service.set_rules(
            session, current_actor(), current_community(), rules, why=body.why, on=body.on_version
        )
        return _rules_out(version, rules)


@bp.post("/rules/preview")
@bp.input(PreviewIn, arg_name="body")
@bp.output(EffectOut)
@allow("gate.set_rules")
def preview_rules(body: PreviewIn) -> EffectOut:
    """Tell what these rules would have done to the exits of the last days; changes nothing."""
    rules = service.from_json(body.rules.model_dump(mode="json"))
    with reading() as session:
        effect = service.effect_of(session, current_community(), rules, days=body.days)
        return EffectOut.model_validate(effect)


@bp.get("/devices")
@bp.output(DevicesOut)
@allow("gate.manage_devices")
def list_devices() -> DevicesOut:
    """List locks, readers, thermometers and scanners."""
    with reading() as session:
        rows = service.devices(session, current_community().id)
        return DevicesOut(items=[DeviceOut.model_validate(row) for row in rows])


@bp.post("/devices")
@bp.input(DeviceIn, arg_name="body")
@bp.output(NewDeviceOut, status_code=201)
@allow("gate.manage_devices")
@idempotent
def register_device(body: DeviceIn) -> NewDeviceOut:
    """Register a device; its token is in this answer and nowhere else."""
    with transaction() as session:
        device, token = service.register(session, current_actor(), current_community(), **body.model_dump())
        return NewDeviceOut(**DeviceOut.model_validate(device).model_dump(), token=token)


@bp.post("/devices/<uuid:device_id>/end")
@bp.output(DeviceOut)
@allow("gate.manage_devices")
@idempotent
def end_device(device_id: UUID) -> DeviceOut:
    """Take a device's token away."""
    with transaction() as session:
        return DeviceOut.model_validate(
            service.end_device(session, current_actor(), current_community(), device_id)
        )


def _rules_out(version: int, rules: Rules) -> RulesOut:
    return RulesOut(version=version, rules=RulesIO.model_validate(service.to_json(rules)))
