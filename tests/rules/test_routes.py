"""No route is open by forgetfulness, none disappears unnoticed, none writes twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from app.context import Application
from app.idempotency import IDEMPOTENT_MARK
from app.identity.models import Role
from app.openapi import DOCUMENT_MARK, Declared
from app.security import auth_of, public, requires
from tests.rules.route_list import COMMITTED, OWN_METHODS, application, routes

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
# Writes of programs that are safe to repeat without a key, and why.
NO_KEY_NEEDED = {
    "/api/v1/sign-in/code": "asks for a letter; limited, and a second code is no second effect",
    "/api/v1/sign-in/token": "the code works once",
    "/api/v1/shifts": "opened again, the one before ends",
    "/api/v1/sign-in/passkey/challenge": "a second question is no second effect",
    "/api/v1/sign-in/passkey/offer": "a second question is no second effect",
    "/api/v1/sign-in/passkey": "the answer works once",
    "/api/v1/me/passkeys/challenge": "a second question is no second effect",
    "/api/v1/me/step-up/passkey/challenge": "a second question is no second effect",
    "/api/v1/me/step-up/passkey": "the answer works once",
    "/api/v1/me/step-up/code": "asks for a letter; limited, and a second code is no second effect",
    "/api/v1/me/step-up/token": "the code works once",
    "/api/v1/me/address/code": "asks for a letter; limited, as the two above",
    "/api/v1/attestations/drafts": "writes nothing: says what is to be signed",
    "/api/v1/card-batches/<uuid:batch_id>/pdf": "printed once, and its numbers are not kept",
    "/api/v1/sign-out": "a session that has ended stays ended",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Application:
    return application(tmp_path_factory.mktemp("home"))


def test_every_route_says_who_it_is_open_to(app: Application) -> None:
    silent = [rule.rule for rule in app.url_map.iter_rules() if not _auth(app, rule.endpoint)]
    assert silent == [], "put @public or @requires(...) right under the route"


def _auth(app: Flask, endpoint: str) -> str | None:
    return auth_of(app.view_functions[endpoint])


def test_the_routes_are_those_agreed(app: Application) -> None:
    agreed = COMMITTED.read_text(encoding="utf-8").splitlines()
    assert routes(app) == agreed, "on purpose? run `python -m tests.rules.route_list` and commit"


def test_every_write_of_a_program_happens_once(app: Application) -> None:
    careless = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        and set(rule.methods or ()) & WRITES
        and rule.rule not in NO_KEY_NEEDED
        and not getattr(app.view_functions[rule.endpoint], IDEMPOTENT_MARK, False)
    ]
    assert careless == [], "put @idempotent under the auth decorator"


def test_every_api_route_is_described(app: Application) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    silent = [rule.rule for rule in rules if not _described(app.view_functions[rule.endpoint])]
    assert silent == ["/api/v1/openapi.json"], "a docstring and @answers or @streams are missing"


def _described(view: Callable[..., object]) -> bool:
    declared: Declared | None = getattr(view, DOCUMENT_MARK, None)
    return declared is not None and bool(view.__doc__)


def test_the_check_sees_a_route_without_a_decorator(tmp_path: Path) -> None:
    app = application(tmp_path)
    app.add_url_rule("/hole", "hole", lambda: "")
    app.add_url_rule("/open", "open", public(lambda: ""))
    app.add_url_rule("/closed", "closed", requires(Role.OFFICER)(lambda: ""))
    assert (_auth(app, "hole"), _auth(app, "open"), _auth(app, "closed")) == (
        None,
        "public",
        "officer",
    )
    assert set(OWN_METHODS).isdisjoint(WRITES)
