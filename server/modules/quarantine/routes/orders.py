"""Endpoints of orders."""

from __future__ import annotations

from uuid import UUID

from server.core.people import service as people
from server.kit.db import reading, transaction
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.quarantine import service
from server.modules.quarantine.routes import views
from server.modules.quarantine.routes.blueprint import bp
from server.modules.quarantine.rules.orders import OrderStep
from server.modules.quarantine.schemas import (
    AnswerIn,
    AppealOut,
    DecisionIn,
    ExtendIn,
    IsolationIn,
    IsolationOut,
    IsolationsOut,
    IsolationsQuery,
    MineOut,
    OwnerIn,
    SupplyIn,
    SupplyOut,
)


@bp.get("/mine")
@bp.output(MineOut)
@allow("quarantine.see_own")
def my_order() -> MineOut:
    """Read the order of my own home, its checks and what became of it."""
    with reading() as session:
        community, me = current_community(), current_actor().id
        home_id = people.home_of_person(session, community.id, me)
        row = service.order_of_home(session, community.id, home_id) if home_id else None
        return MineOut(order=views.order_out(session, community, row) if row else None)


@bp.get("/orders")
@bp.input(IsolationsQuery, location="query", arg_name="query")
@bp.output(IsolationsOut)
@allow("quarantine.decide")
def list_orders(query: IsolationsQuery) -> IsolationsOut:
    """List orders, those first that end first: what is past its end stands at the top."""
    with reading() as session:
        community = current_community()
        rows, after = service.orders_by_end(session, community.id, query.state, query.after, query.limit)
        return IsolationsOut(
            items=views.rows_out(session, community, rows), next=str(after) if after else None
        )


@bp.post("/orders")
@bp.input(IsolationIn, arg_name="body")
@bp.output(IsolationOut, status_code=201)
@allow("quarantine.decide")
@idempotent
def issue_order(body: IsolationIn) -> IsolationOut:
    """Issue an order for one home. It is red from this instant."""
    with transaction() as session:
        community = current_community()
        wanted = service.NewOrder(**body.model_dump(exclude={"home_id"}))
        row = service.issue(session, current_actor(), community, body.home_id, wanted)
        return views.order_out(session, community, row)


@bp.get("/orders/<uuid:order_id>")
@bp.output(IsolationOut)
@allow("quarantine.decide")
def read_order(order_id: UUID) -> IsolationOut:
    """Read one order with its checks, appeals and violations."""
    with reading() as session:
        community = current_community()
        return views.order_out(session, community, service.find(session, community.id, order_id))


@bp.post("/orders/<uuid:order_id>/release")
@bp.input(DecisionIn, arg_name="body")
@bp.output(IsolationOut)
@allow("quarantine.decide")
@idempotent
def release_order(order_id: UUID, body: DecisionIn) -> IsolationOut:
    """End the isolation: a decision with a name and a ground."""
    return _stepped(order_id, OrderStep.RELEASE, body)


@bp.post("/orders/<uuid:order_id>/withdraw")
@bp.input(DecisionIn, arg_name="body")
@bp.output(IsolationOut)
@allow("quarantine.decide")
@idempotent
def withdraw_order(order_id: UUID, body: DecisionIn) -> IsolationOut:
    """Take back an order that should never have been made."""
    return _stepped(order_id, OrderStep.WITHDRAW, body)


@bp.post("/orders/<uuid:order_id>/extend")
@bp.input(ExtendIn, arg_name="body")
@bp.output(IsolationOut)
@allow("quarantine.decide")
@idempotent
def extend_order(order_id: UUID, body: ExtendIn) -> IsolationOut:
    """Let the isolation last longer: a decision with a name and a ground."""
    return _stepped(order_id, OrderStep.EXTEND, body)


@bp.post("/orders/<uuid:order_id>/supply")
@bp.input(SupplyIn, arg_name="body")
@bp.output(SupplyOut)
@allow("quarantine.see_own")
@idempotent
def answer_supply(order_id: UUID, body: SupplyIn) -> SupplyOut:
    """Say how many days of food and medicine are left; what runs short becomes a need."""
    with transaction() as session:
        community = current_community()
        row = service.answer_supply(session, current_actor(), community, order_id, **body.model_dump())
        return SupplyOut(order_id=row.id, **body.model_dump())


@bp.post("/orders/<uuid:order_id>/owner")
@bp.input(OwnerIn, arg_name="body")
@bp.output(IsolationOut)
@allow("quarantine.decide")
@idempotent
def own_supply(order_id: UUID, body: OwnerIn) -> IsolationOut:
    """Name who sees to the home's supply."""
    with transaction() as session:
        community, actor = current_community(), current_actor()
        row = service.own_supply(session, actor, community, order_id, body.owner_id or actor.id)
        return views.order_out(session, community, row)


@bp.post("/orders/<uuid:order_id>/sign-off")
@bp.output(IsolationOut)
@allow("quarantine.decide")
@idempotent
def sign_off_care(order_id: UUID) -> IsolationOut:
    """Say that the home is cared for; refused while nobody owns its supply."""
    with transaction() as session:
        community = current_community()
        row = service.sign_off_care(session, current_actor(), community, order_id)
        return views.order_out(session, community, row)


@bp.post("/orders/<uuid:order_id>/violations")
@bp.input(DecisionIn, arg_name="body")
@bp.output(IsolationOut, status_code=201)
@allow("quarantine.decide")
@idempotent
def note_violation(order_id: UUID, body: DecisionIn) -> IsolationOut:
    """Warn the home; or report it, if it was warned before."""
    with transaction() as session:
        community = current_community()
        service.note_violation(session, current_actor(), community, order_id, body.ground)
        return views.order_out(session, community, service.find(session, community.id, order_id))


@bp.post("/orders/<uuid:order_id>/appeals")
@bp.input(DecisionIn, arg_name="body")
@bp.output(AppealOut, status_code=201)
@allow("quarantine.see_own")
@idempotent
def appeal(order_id: UUID, body: DecisionIn) -> AppealOut:
    """Say why the order is wrong."""
    with transaction() as session:
        community = current_community()
        made = service.appeal(session, current_actor(), community, order_id, body.ground)
        return views.appeals_out(session, community, [made])[0]


@bp.post("/appeals/<uuid:appeal_id>/decide")
@bp.input(AnswerIn, arg_name="body")
@bp.output(AppealOut)
@allow("quarantine.decide")
@idempotent
def decide_appeal(appeal_id: UUID, body: AnswerIn) -> AppealOut:
    """Answer an appeal; granted, the home is released by the same decision."""
    with transaction() as session:
        community = current_community()
        made = service.decide_appeal(
            session, current_actor(), community, appeal_id, grants=body.grants, answer=body.answer
        )
        return views.appeals_out(session, community, [made])[0]


def _stepped(order_id: UUID, step: OrderStep, body: DecisionIn) -> IsolationOut:
    with transaction() as session:
        community = current_community()
        until_at = body.until_at if isinstance(body, ExtendIn) else None
        row = service.step(
            session, current_actor(), community, order_id, step, ground=body.ground, until_at=until_at
        )
        return views.order_out(session, community, row)
