"""People, households, roles and signing in."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.people import events, jobs, models, routes
from server.kit.module import Job, LiveFact, LiveMessage, Module
from server.kit.permissions import Actor, Permission
from server.kit.tenancy import CommunityRef


def may_watch_person(session: Session, actor: Actor, community: CommunityRef, key: str) -> bool:
    """Everybody watches their own room only."""
    return str(actor.person_id) == key


MODULE = Module(
    name="people",
    is_core=True,
    requires=("communities", "places"),
    blueprints=(routes.root, routes.bp),
    models=(
        models.Person,
        models.Household,
        models.Member,
        models.RoleGrant,
        models.SignInCode,
        models.PasswordTry,
        models.HomeCode,
    ),
    permissions=(
        Permission("people.own_household", roles=("resident",)),
        Permission("people.see_households", roles=("grid_worker", "officer")),
        Permission("people.manage", roles=("grid_worker", "officer")),
        Permission("people.grant", roles=("officer",)),
    ),
    emits=(events.MemberJoined, events.PersonErased, events.RoleGranted),
    live=(
        LiveFact(
            events.MemberJoined,
            lambda e: [
                LiveMessage(
                    f"person:{e.person_id}", "person.joined_home", {"household_id": str(e.household_id)}
                )
            ],
        ),
    ),
    jobs=(Job("people.forget", run=jobs.forget_old, every_s=3600),),
    rooms={"person": may_watch_person},
    texts={
        "people.bad_phone": ("手机号码不正确。", "This is not a phone number."),
        "people.phone_taken": ("该手机号已登记。", "This phone number is registered already."),
        "people.login_taken": ("该登录名已被使用。", "This login is taken."),
        "people.not_found": ("没有这个人。", "There is no such person."),
        "people.code_too_soon": (
            "请稍等一分钟再获取验证码。",
            "Please wait a minute before asking for another code.",
        ),
        "people.too_many_codes": (
            "今天获取验证码次数过多，请联系居委会。",
            "Too many codes today: ask the committee.",
        ),
        "people.code_wrong": (
            "验证码不正确或已过期，请重新获取。",
            "The code is wrong or expired: ask for a new one.",
        ),
        "people.too_many_tries": (
            "尝试次数过多，请 15 分钟后再试。",
            "Too many tries: come back in 15 minutes.",
        ),
        "people.sign_in_busy": (
            "登录的人较多，请稍等几秒再试。",
            "Many people are signing in: try again in a few seconds.",
        ),
        "people.sms_failed": (
            "短信暂时发不出去，请一分钟后再试。",
            "The text message could not be sent: try again in a minute.",
        ),
        "people.grant_not_found": ("没有这个授权。", "There is no such grant."),
        "people.password_wrong": ("登录名或密码不正确。", "The login or password is wrong."),
        "people.home_code_wrong": (
            "住户码不正确或已过期，请向网格员索取新码。",
            "The home code is wrong or expired: ask your grid worker for a new one.",
        ),
        "people.no_home_yet": ("您还没有加入住户。", "You have not joined a home yet."),
        "people.unknown_role": ("没有这个角色。", "There is no such role."),
        "people.may_not_grant": ("您不能授予这个角色。", "You may not grant this role."),
        "people.unknown_trait": ("没有这个类别。", "There is no such trait."),
    },
)
