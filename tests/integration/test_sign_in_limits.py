"""Codes are limited by who asks, so that nobody keeps the owner of an address from signing in."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Problem
from app.identity import service as identity
from app.identity.sign_in import CODES_PER_HOUR, LETTERS_PER_HOUR
from app.services import Services
from tests.integration.test_identity import mailed_code

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
EMAIL = "reader@demo.example"


def ask(db: Session, caller: str) -> None:
    identity.request_sign_in(db, EMAIL, "fr", NOW, caller=caller)


def test_one_callers_flood_stops_that_caller_alone(db: Session) -> None:
    for _ in range(CODES_PER_HOUR):
        ask(db, "address:203.0.113.7")
    for _ in range(2 * LETTERS_PER_HOUR):
        with pytest.raises(Problem, match="sign-in-too-many-codes"):
            ask(db, "address:203.0.113.7")
    ask(db, "address:198.51.100.4")


def test_many_callers_together_do_not_flood_a_mailbox(db: Session) -> None:
    for number in range(LETTERS_PER_HOUR):
        ask(db, f"address:198.51.100.{number}")
    with pytest.raises(Problem, match="sign-in-too-many-codes"):
        ask(db, "address:192.0.2.1")


def test_a_failed_statement_says_nothing_of_its_values(services: Services) -> None:
    statement = text("insert into lease (name, holder, fencing, until) values (:n, :h, 1, now())")
    with services.database.session() as session:
        session.execute(statement, {"n": "hidden", "h": "whose-name-is-this"})
        with pytest.raises(IntegrityError) as caught:
            session.execute(statement, {"n": "hidden", "h": "whose-name-is-this"})
    assert "whose-name-is-this" not in str(caught.value)


def test_a_stranger_s_tries_and_requests_cost_the_owner_nothing(db: Session) -> None:
    asked = identity.request_sign_in(db, EMAIL, "fr", NOW)
    code = mailed_code(db)
    for challenge in (identity.request_sign_in(db, EMAIL, "fr", NOW), uuid4(), None):
        for _ in range(6):
            with pytest.raises(Problem, match="sign-in-code-wrong"):
                identity.finish_sign_in(db, EMAIL, code, "api", NOW, challenge=challenge)
    assert identity.finish_sign_in(db, EMAIL, code, "api", NOW, challenge=asked)


def test_a_code_is_for_its_address(db: Session) -> None:
    asked = identity.request_sign_in(db, EMAIL, "fr", NOW)
    code, other = mailed_code(db), "citizen-2@demo.example"
    with pytest.raises(Problem, match="sign-in-code-wrong"):
        identity.finish_sign_in(db, other, code, "api", NOW, challenge=asked)
