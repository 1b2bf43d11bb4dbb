"""HTTP: sessions, households, grants, looks."""

from __future__ import annotations

import secrets
from uuid import UUID

import structlog
from flask import current_app, request
from flask import session as cookie
from sqlalchemy.orm import Session

from server.core.communities import service as communities
from server.core.people import rules, service
from server.core.people.models import Person
from server.core.people.schemas import (
    CodeIn,
    DemoIn,
    DemoRoleOut,
    DoneOut,
    EraseIn,
    GrantIn,
    GrantOut,
    HomeCodeOut,
    HomeCodesIn,
    HomeCodesOut,
    HomeRef,
    HouseholdOut,
    JoinIn,
    LookOut,
    LooksOut,
    MeIn,
    MemberIn,
    MemberOut,
    MyCommunityOut,
    PasswordIn,
    PersonOut,
    SessionOut,
    VerifyIn,
)
from server.core.places import service as places
from server.kit import clock, reads
from server.kit.composition import Linli
from server.kit.db import reading, transaction
from server.kit.errors import OutsideFailed, Refused, Unavailable
from server.kit.http import area_blueprint, csrf_token, root_blueprint
from server.kit.idempotency import idempotent
from server.kit.permissions import Actor, allow, current_actor, optional_actor, public, signed_in
from server.kit.tenancy import CommunityRef, current_community

log = structlog.get_logger()
root = root_blueprint("people_root", __name__)
bp = area_blueprint("people", __name__)


@root.get("/session")
@root.output(SessionOut)
@public("everybody must be able to find out whether they are signed in")
def get_session() -> SessionOut:
    """Who is signed in, where they may act, and the token that unsafe requests must carry."""
    return _session()


@root.post("/auth/code")
@root.input(CodeIn, arg_name="body")
@root.output(DoneOut, status_code=202)
@public("signing in")
def send_code(body: CodeIn) -> DoneOut:
    """Send a one-time code to a phone. The answer is the same for known and unknown phones."""
    browser = cookie.setdefault("browser", secrets.token_urlsafe(24))
    with transaction() as session:
        phone, text = service.request_code(
            session, body.phone, address=request.remote_addr or "", browser=browser
        )
    try:
        # After the commit: a slow provider must not keep the database's one writer waiting.
        _linli().ports["sms"].send(phone, text)
    except OutsideFailed as error:
        log.warning("sms.failed", error=str(error))
        raise Unavailable("people.sms_failed", retry_after_s=60) from None
    return DoneOut()


@root.post("/auth/code/verify")
@root.input(VerifyIn, arg_name="body")
@root.output(SessionOut)
@public("signing in")
def verify_code(body: VerifyIn) -> SessionOut:
    """Sign in with the code that was sent."""
    with transaction() as session:
        is_open = service.sign_in_with_code(session, body.phone, body.code, browser=cookie.get("browser", ""))
    if not is_open:
        raise Refused("people.code_wrong")
    return _session()


@root.post("/auth/password")
@root.input(PasswordIn, arg_name="body")
@root.output(SessionOut)
@public("signing in")
def sign_in_with_password(body: PasswordIn) -> SessionOut:
    """Sign in with a password (staff)."""
    service.sign_in_with_password(body.login, body.password, address=request.remote_addr or "")
    return _session()


@root.post("/auth/demo")
@root.input(DemoIn, arg_name="body")
@root.output(SessionOut)
@public("a demo lets anyone be anyone; elsewhere this is a 404")
def sign_in_demo(body: DemoIn) -> SessionOut:
    """Sign in as a demo account."""
    with reading() as session:
        service.sign_in_demo(session, _linli().settings, body.key)
    return _session()


@root.post("/auth/sign-out")
@root.output(SessionOut)
@signed_in
def sign_out() -> SessionOut:
    """End the session."""
    service.sign_out()
    return _session()


@root.patch("/me")
@root.input(MeIn, arg_name="body")
@root.output(PersonOut)
@signed_in
def change_me(body: MeIn) -> PersonOut:
    """Change one's name, language or elder mode."""
    with transaction() as session:
        me = service.update_me(
            session,
            current_actor(),
            name=body.name,
            locale=body.locale,
            wants_elder_mode=body.wants_elder_mode,
        )
        return PersonOut.model_validate(me)


@root.post("/me/erase")
@root.input(EraseIn, arg_name="body")
@root.output(SessionOut)
@signed_in
def erase_me(body: EraseIn) -> SessionOut:
    """Erase my own record for good, everywhere, and sign out."""
    with transaction() as session:
        service.erase_person(session, current_actor(), current_actor().id)
    service.sign_out()
    return _session()


@bp.post("/join")
@bp.input(JoinIn, arg_name="body")
@bp.output(HouseholdOut, status_code=201)
@signed_in
@idempotent
def join_home(body: JoinIn) -> HouseholdOut:
    """Join the home that a paper code belongs to."""
    community, actor = current_community(), current_actor()
    with transaction() as session:
        service.join_home(session, actor, community, body.home_code, body.name)
        return _household(session, actor, community.id)


@bp.get("/household")
@bp.output(HouseholdOut)
@allow("people.own_household")
def get_household() -> HouseholdOut:
    """One's own home and household."""
    with reading() as session:
        return _household(session, current_actor(), current_community().id)


@bp.get("/homes/<uuid:home_id>")
@bp.output(HouseholdOut)
@allow("people.see_households")
def get_home(home_id: UUID) -> HouseholdOut:
    """A home's household, phones masked. The people who live there can see who looked."""
    with reading() as session:
        return _household_of(session, current_community().id, home_id)


@bp.post("/homes/<uuid:home_id>/members")
@bp.input(MemberIn, arg_name="body")
@bp.output(HouseholdOut, status_code=201)
@allow("people.manage")
@idempotent
def add_member(home_id: UUID, body: MemberIn) -> HouseholdOut:
    """Enter somebody who lives in the home: also those without a phone."""
    community = current_community()
    with transaction() as session:
        if body.phone:
            person = service.person_by_phone(session, body.phone, body.name)
        else:
            person = service.create_person(session, name=body.name, phone=None)
        service.add_member(
            session, community.id, home_id, person.id, traits=body.traits, actor=current_actor()
        )
        return _household_of(session, community.id, home_id)


@bp.post("/home-codes")
@bp.input(HomeCodesIn, arg_name="body")
@bp.output(HomeCodesOut, status_code=201)
@allow("people.manage")
@idempotent
def issue_home_codes(body: HomeCodesIn) -> HomeCodesOut:
    """Make paper codes, one a home. They are shown once: print them."""
    community = current_community()
    with transaction() as session:
        home_ids = list(body.home_ids)
        if body.entrance_id is not None:
            homes = places.homes_of_entrance(session, community.id, body.entrance_id)
            home_ids += [home.id for home in homes if home.id not in home_ids]
        issued = service.issue_home_codes(session, current_actor(), community, home_ids)
        labels = places.home_labels(session, community.id, home_ids)
    return HomeCodesOut(items=[HomeCodeOut(home_id=h, label=labels.get(h, ""), code=c) for h, c in issued])


@bp.post("/grants")
@bp.input(GrantIn, arg_name="body")
@bp.output(GrantOut, status_code=201)
@allow("people.grant")
@idempotent
def grant_role(body: GrantIn) -> GrantOut:
    """Grant somebody a role in this community. Nobody grants more than they have."""
    community, actor = current_community(), current_actor()
    rules.check_role(body.role)
    rules.check_may_grant(actor.roles_in(community), body.role)
    with transaction() as session:
        person = service.person_by_phone(session, body.phone, body.name)
        grant = service.grant_role(session, person.id, body.role, community_id=community.id, actor=actor)
        return GrantOut(id=grant.id, person_id=person.id, role=body.role)


@bp.post("/grants/<uuid:grant_id>/end")
@bp.output(GrantOut)
@allow("people.grant")
@idempotent
def end_grant(grant_id: UUID) -> GrantOut:
    """Take a role back, from now on. Nobody takes what they could not grant."""
    community, actor = current_community(), current_actor()
    with transaction() as session:
        grant = service.end_grant(session, actor, community, grant_id)
        return GrantOut(id=grant.id, person_id=grant.person_id, role=grant.role)


@bp.get("/looks")
@bp.output(LooksOut)
@signed_in
def who_looked() -> LooksOut:
    """Who looked at my record."""
    with reading() as session:
        looks = reads.reads_of(session, current_community().id, current_actor().id)
        names = service.names(session, {look.viewer_id for look in looks})
        return LooksOut(
            items=[
                LookOut(
                    viewer_name=names[look.viewer_id],
                    role=look.role,
                    fields=look.fields,
                    purpose=look.purpose,
                    at=look.at,
                )
                for look in looks
            ]
        )


def _linli() -> Linli:
    linli: Linli = current_app.extensions["linli"]
    return linli


def _session() -> SessionOut:
    actor = optional_actor()
    linli = _linli()
    with reading() as session:
        person = session.get(Person, actor.person_id) if actor and actor.person_id else None
        return SessionOut(
            person=PersonOut.model_validate(person) if person else None,
            csrf_token=csrf_token(),
            is_demo=linli.settings.is_demo,
            demo_roles=_demo_roles(session) if linli.settings.is_demo else [],
            communities=_my_communities(session, actor) if actor else [],
            now=clock.now(),
        )


def _my_communities(session: Session, actor: Actor) -> list[MyCommunityOut]:
    mine = []
    for community in communities.all_communities(session):
        roles = actor.roles_in(community)
        if not roles:
            continue
        home_id = service.home_of_person(session, community.id, actor.id)
        labels = places.home_labels(session, community.id, [home_id]) if home_id else {}
        mine.append(
            MyCommunityOut(
                slug=community.slug,
                name=community.name,
                name_en=community.name_en,
                timezone=community.timezone,
                roles=sorted(roles),
                modules=sorted(community.modules),
                home=HomeRef(id=home_id, label=labels[home_id]) if home_id else None,
                helper_id=_asked("people.helper_of", session, community, actor),
                merchant_id=_asked("people.merchant_of", session, community, actor),
            )
        )
    return mine


def _asked(point: str, session: Session, community: CommunityRef, actor: Actor) -> UUID | None:
    """Ask the modules what the person is to them: people know no module."""
    for of_person in _linli().registry.providers(point, community.modules):
        found: UUID | None = of_person(session, community.id, actor.id)
        if found is not None:
            return found
    return None


def _demo_roles(session: Session) -> list[DemoRoleOut]:
    return [
        DemoRoleOut(key=d.key, role=d.role, name_zh=d.name_zh, name_en=d.name_en, community=d.community)
        for d in service.demo_people(session)
    ]


def _household(session: Session, actor: Actor, community_id: UUID) -> HouseholdOut:
    home_id = service.home_of_person(session, community_id, actor.id)
    if home_id is None:
        raise Refused("people.no_home_yet")
    return _household_of(session, community_id, home_id)


def _household_of(session: Session, community_id: UUID, home_id: UUID) -> HouseholdOut:
    home = places.home(session, community_id, home_id)
    members = []
    for person, traits in service.household_members(session, community_id, home_id):
        phone = rules.masked_phone(person.phone) if person.phone else None
        members.append(
            MemberOut(about=person.id, person_id=person.id, name=person.name, phone=phone, traits=traits)
        )
    return HouseholdOut(home=HomeRef(id=home.id, label=home.label), members=members)
