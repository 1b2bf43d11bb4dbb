"""The manifest of money [3.2]."""

from __future__ import annotations

from server.kit.module import Job, Module
from server.kit.permissions import Permission
from server.modules.money import events, jobs, models, routes
from server.modules.money.module.fake_command import fake_stripe
from server.modules.money.module.texts import TEXTS

EVERYONE = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "officer", "clinic")

MODULE = Module(
    name="money",
    requires=("people", "places"),
    blueprints=(routes.bp, routes.root),
    models=(
        models.Account,
        models.Transfer,
        models.Payee,
        models.Payment,
        models.Operation,
        models.ProviderEvent,
        models.FundRule,
        models.FundMonth,
        models.Reconciliation,
    ),
    permissions=(
        Permission("money.pay", roles=EVERYONE),
        Permission("money.settle", roles=("officer",)),
        Permission("money.see_statement", roles=("merchant", "officer")),
    ),
    jobs=(
        Job("money.perform", run=jobs.perform),
        Job("money.sweep", run=jobs.sweep, every_s=60, per_community=True),
        Job("money.look", run=jobs.look, max_attempts=8),
        Job("money.reconcile", run=jobs.reconcile, every_s=86_400, per_community=True),
    ),
    emits=(events.PaymentChanged,),
    programs=(fake_stripe,),
    texts=TEXTS,
)
