"""Every endpoint that exists, tried by those who may not: the list comes from the application itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from apiflask import APIFlask
from werkzeug.routing import Rule

from server.core.communities import service as communities
from server.kit.db import transaction
from server.kit.permissions import access_of
from server.kit.tenancy import CommunityRef
from tests.server.conftest import Api

WITHOUT_MARK = ("openapi.spec", "pages.docs")


def endpoints(app: APIFlask) -> Iterator[tuple[Rule, str]]:
    """Yield every API rule with each of its methods."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and rule.endpoint not in WITHOUT_MARK:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def address(app: APIFlask, rule: Rule, community: str) -> str:
    """Return an address of the rule, with ids of nothing."""
    values = {name: str(uuid4()) for name in rule.arguments}
    for name in rule.arguments & {"community", "name", "room", "token"}:
        values[name] = community if name == "community" else "nothing"
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(rule.endpoint, values))


def status(api: Api, app: APIFlask, rule: Rule, method: str, community: str) -> int:
    headers = {"X-CSRF-Token": api.csrf, "Idempotency-Key": str(uuid4())}
    body: dict[str, str] | None = None if method == "GET" else {}
    path = address(app, rule, community)
    return api.client.open(path, method=method, headers=headers, json=body).status_code


def test_whoever_is_not_signed_in_is_turned_away_everywhere_but_at_public_doors(
    app: APIFlask, visitor: Api, community: CommunityRef
) -> None:
    open_doors = {}
    for rule, method in endpoints(app):
        access = access_of(app.view_functions[rule.endpoint])
        assert access is not None
        if not access.is_public:
            open_doors[f"{method} {rule.rule}"] = status(visitor, app, rule, method, "wutong")
    assert len(open_doors) > 40
    assert {door: code for door, code in open_doors.items() if code != 401} == {}


def test_a_stranger_to_the_community_is_told_that_there_is_nothing(
    app: APIFlask, sign_in: Callable[..., Api], community: CommunityRef, other_community: CommunityRef
) -> None:
    stranger = sign_in("officer", at=other_community)
    answers = {
        f"{method} {rule.rule}": status(stranger, app, rule, method, "wutong")
        for rule, method in endpoints(app)
        if (access := access_of(app.view_functions[rule.endpoint])) and access.permission
    }
    assert {door: code for door, code in answers.items() if code != 404} == {}


@pytest.mark.parametrize("role", ["resident", "courier", "guard", "clinic"])
def test_a_role_opens_only_the_doors_of_its_permissions(
    role: str, app: APIFlask, sign_in: Callable[..., Api], community: CommunityRef
) -> None:
    api = sign_in(role)
    roles_of = app.extensions["linli"].registry.roles_of
    wrong = {}
    for rule, method in endpoints(app):
        access = access_of(app.view_functions[rule.endpoint])
        if access and access.permission and role not in roles_of[access.permission]:
            code = status(api, app, rule, method, "wutong")
            if code != 403:
                wrong[f"{method} {rule.rule}"] = code
    assert wrong == {}


def test_a_module_that_is_off_is_not_there_for_anybody(
    app: APIFlask, sign_in: Callable[..., Api], community: CommunityRef
) -> None:
    officer = sign_in("officer")
    with transaction() as session:
        communities.switch_module(
            session,
            officer.actor,
            community,
            "market",
            False,
            installed=frozenset({"market"}),
            core=frozenset(),
        )
    answers = {
        f"{method} {rule.rule}": status(officer, app, rule, method, "wutong")
        for rule, method in endpoints(app)
        if rule.rule.startswith("/api/c/<community>/market")
    }
    assert answers
    assert set(answers.values()) == {404}


def test_the_description_of_the_api_is_for_everybody(visitor: Api) -> None:
    assert visitor.get("/api/openapi.json").get_json()["openapi"] == "3.1.0"
    assert visitor.get("/api/docs").status_code == 200
