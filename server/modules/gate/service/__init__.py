"""The gate's public functions. Each takes the session first and commits nothing."""

from server.modules.gate.service.credentials import bind_device, on_phones, print_paper
from server.modules.gate.service.devices import (
    DeviceKind,
    by_token,
    devices,
    register,
    take_reading,
)
from server.modules.gate.service.devices import end as end_device
from server.modules.gate.service.findings import FindingKind, findings_page
from server.modules.gate.service.history import effect_of, exits_by_entrance, flow, forget, scans_page
from server.modules.gate.service.lists import signed_list
from server.modules.gate.service.passes import (
    Application,
    apply,
    check_may_see,
    expire_due,
    find,
    has_due,
    held,
    is_worker,
    names_on,
    passes_of,
    step,
)
from server.modules.gate.service.reconciling import Logged, TakenIn, take_in
from server.modules.gate.service.ruleset import from_json, rules_at, set_rules, to_json, versions
from server.modules.gate.service.scanning import By, Presented, scan
from server.modules.gate.service.showing import How
from server.modules.gate.service.sightings import sightings

__all__ = [
    "Application",
    "By",
    "DeviceKind",
    "FindingKind",
    "How",
    "Logged",
    "Presented",
    "TakenIn",
    "apply",
    "bind_device",
    "by_token",
    "check_may_see",
    "devices",
    "effect_of",
    "end_device",
    "exits_by_entrance",
    "expire_due",
    "find",
    "findings_page",
    "flow",
    "forget",
    "from_json",
    "has_due",
    "held",
    "is_worker",
    "names_on",
    "on_phones",
    "passes_of",
    "print_paper",
    "register",
    "rules_at",
    "scan",
    "scans_page",
    "set_rules",
    "sightings",
    "signed_list",
    "step",
    "take_in",
    "take_reading",
    "to_json",
    "versions",
]
