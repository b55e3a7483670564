"""Money in and out of a programme that ends, and its rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from app.endings.returns import propose_return, withdraw_return
from app.errors import Problem
from app.impact.catalogue import catalogue
from app.rewards.models import Funding, Programme, ProgrammeState
from app.rewards.money.funding import propose_funding
from app.rewards.money.transfer_models import MoneyReturn
from app.rewards.programmes import Two, publish_rules
from app.rewards.rule_sets.rule_changes import propose_rules
from tests.support.city import RULES, City

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def city(db: Session) -> City:
    return City(db, NOW)


def test_no_money_is_named_and_no_rules_are_changed_after_the_end(city: City) -> None:
    session, programme, begin = city.session, _closing(city), NOW + timedelta(days=1)
    with pytest.raises(Problem, match="programme-state"):
        propose_rules(session, programme, RULES, valid_from=begin, by=uuid4(), now=NOW)
    with pytest.raises(Problem, match="programme-state"):
        publish_rules(
            session, programme, RULES, valid_from=begin, catalogue=catalogue(), by=Two(), now=NOW
        )
    _fund(session, programme, "WHILE IT CLOSES")
    programme.close_decided_at = NOW
    session.flush()
    with pytest.raises(Problem, match="close-decided"):
        _fund(session, programme, "TOO LATE")
    for programme.state in (ProgrammeState.CLOSED, ProgrammeState.ARCHIVED):
        session.flush()
        with pytest.raises(Problem, match="programme-state"):
            _fund(session, programme, "TOO LATE")


def test_a_transfer_s_reference_counts_once_in_or_out(city: City) -> None:
    """Until the chain lets a withdrawn one go, whatever it was named for."""
    session, programme = city.session, _closing(city)
    came = _fund(session, programme, "CAME IN")
    came.confirmed_at = came.final_at = NOW
    programme.state = ProgrammeState.CLOSED
    session.flush()
    with pytest.raises(Problem, match="bank-reference-known") as caught:
        _give_back(session, programme, "CAME IN")
    assert caught.value.field == "bank_reference"
    back = _give_back(session, programme, "WENT OUT")
    other = city.programme()
    with pytest.raises(Problem, match="bank-reference-known"):
        _fund(session, other, "WENT OUT")
    withdraw_return(session, back.id, by=uuid4(), now=NOW)
    with pytest.raises(Problem, match="bank-reference-known"):
        _fund(session, other, "WENT OUT")
    back.released_at = NOW
    session.flush()
    _fund(session, other, "WENT OUT")


def _closing(city: City) -> Programme:
    programme = city.programme()
    programme.state, programme.end_announced_at = ProgrammeState.CLOSING, NOW
    city.session.flush()
    return programme


def _fund(session: Session, programme: Programme, reference: str) -> Funding:
    return propose_funding(
        session, programme, amount_cents=9, bank_reference=reference, by=uuid4(), now=NOW
    )


def _give_back(session: Session, programme: Programme, reference: str) -> MoneyReturn:
    return propose_return(
        session, programme.id, amount_cents=1, bank_reference=reference, by=uuid4(), now=NOW
    )
