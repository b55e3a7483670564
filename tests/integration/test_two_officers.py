"""What one officer proposes, only another can confirm; until then nothing has happened."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import organisation_keys
from app.actions.models import ActionState
from app.chain import typed
from app.clock import Clock
from app.db import uuid7
from app.errors import Problem
from app.governance import service as governance
from app.governance.models import ProposalState
from app.identity.models import Organisation, Role
from app.identity.organisations import set_ceilings
from app.identity.roles import grant_role
from app.merchants.closing import propose_closing
from app.merchants.models import Merchant, PayeeState
from app.money import Euros
from app.outbox.models import OutboxItem
from app.rewards.models import Programme, RuleSet
from app.rewards.money.funding import propose_funding
from app.rewards.programmes import NewProgramme
from app.rewards.rule_sets.rule_changes import propose_programme, propose_rules
from app.rewards.valuing.decided import propose_revocation
from tests.support.city import RULES, City
from tests.support.shop import Shop

ONE, OTHER, ADMIN = uuid7(), uuid7(), uuid7()


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(microsecond=0))


def announced(db: Session, kind: str) -> list[OutboxItem]:
    return list(db.scalars(select(OutboxItem).where(col(OutboxItem.kind) == kind)))


def new_programme(city: City, **changes: Any) -> NewProgramme:
    today = city.now.date()
    values: dict[str, Any] = {
        "slug": f"season-{uuid7().hex[-8:]}",
        "name": {"fr": "Été", "en": "Summer"},
        "token_symbol": "ETE",
        "first_day": today,
        "last_day_to_earn": today + timedelta(days=30),
        "last_day_to_spend": today + timedelta(days=120),
        "budget_cents": 100_000,
        "rules": RULES,
    }
    return NewProgramme(**values | changes)


def test_a_programme_is_frozen_by_the_second_officer(db: Session, city: City) -> None:
    new = new_programme(city)
    proposal = propose_programme(db, new, by=ONE, now=city.now, acknowledged=True)
    made = select(Programme).where(col(Programme.slug) == new.slug)
    before = len(announced(db, "create_programme"))
    with pytest.raises(Problem, match="another-must-confirm"):
        governance.confirm(db, proposal.id, by=ONE, now=city.now)
    assert db.scalar(made) is None
    governance.confirm(db, proposal.id, by=OTHER, now=city.now)
    programme = db.scalars(made).one()
    rules = db.get_one(RuleSet, (programme.id, 1))
    assert (rules.rules, rules.created_by, rules.confirmed_by) == (RULES, ONE, OTHER)
    assert len(announced(db, "create_programme")) == before + 1
    with pytest.raises(Problem, match="proposal-decided"):
        governance.confirm(db, proposal.id, by=OTHER, now=city.now)


def test_no_more_is_funded_than_two_officers_decided(db: Session, city: City) -> None:
    proposal = propose_programme(db, new_programme(city), by=ONE, now=city.now, acknowledged=True)
    governance.confirm(db, proposal.id, by=OTHER, now=city.now)
    query = select(Programme).where(col(Programme.slug) == proposal.subject)
    programme = db.scalars(query).one()

    def fund(cents: int) -> None:
        reference = uuid7().hex
        propose_funding(
            db, programme, amount_cents=cents, bank_reference=reference, by=ONE, now=city.now
        )

    fund(60_000)
    with pytest.raises(Problem, match="funding-over-budget") as caught:
        fund(40_001)
    assert caught.value.values == {"left": Euros(40_000)}
    fund(40_000)


def test_rules_begin_when_two_officers_say_so(db: Session, city: City) -> None:
    programme, begin = city.programme(), city.now + timedelta(days=1)
    changed = copy.deepcopy(RULES)
    changed["rates"][0]["max_cents_per_action"] = 90

    def propose() -> Any:
        return propose_rules(
            db, programme, changed, valid_from=begin, by=ONE, now=city.now, acknowledged=True
        )

    proposal = propose()
    with pytest.raises(Problem, match="another-must-confirm"):
        governance.confirm(db, proposal.id, by=ONE, now=city.now)
    assert announced(db, "set_rule_set") == []
    governance.reject(db, proposal.id, by=OTHER, now=city.now)
    assert proposal.state is ProposalState.REJECTED
    late = propose()
    with pytest.raises(Problem, match="rules-in-the-past"), db.begin_nested():
        governance.confirm(db, late.id, by=OTHER, now=begin + timedelta(seconds=1))
    db.refresh(late)
    governance.confirm(db, late.id, by=OTHER, now=city.now)
    added = db.get_one(RuleSet, (programme.id, 2))
    assert (added.created_by, added.confirmed_by, added.valid_from) == (ONE, OTHER, begin)
    (told,) = announced(db, "set_rule_set")
    assert told.payload["rule_set_hash"] == late.payload["hash"] == "0x" + added.hash.hex()


@pytest.mark.parametrize("wrong", ["contact-above-verified", "card-above-contact", "none-a-month"])
def test_unsafe_caps_are_not_even_proposed(db: Session, city: City, wrong: str) -> None:
    rules = copy.deepcopy(RULES)
    for cap in list(rules["caps"]):
        if wrong == "contact-above-verified" and (cap["level"], cap["span"]) == ("contact", "day"):
            cap["cents"] = 501
        if wrong == "card-above-contact" and (cap["level"], cap["span"]) == ("card", "month"):
            cap["cents"] = 3001
        if wrong == "none-a-month" and (cap["level"], cap["span"]) == ("verified", "month"):
            rules["caps"].remove(cap)
    with pytest.raises(Problem, match="caps-not-safe"):
        propose_programme(db, new_programme(city, rules=rules), by=ONE, now=city.now)


def test_a_key_revoked_for_cause_takes_unsettled_deeds_with_it(db: Session, city: City) -> None:
    body, programme = city.organisation(), city.programme()
    clerk, citizen = city.clerk(body), city.citizen().id
    deed = city.attest(clerk, citizen, programme)
    proposal = propose_revocation(
        db, organisation_id=body.id, reason="stolen", by=ONE, now=city.now
    )
    with pytest.raises(Problem, match="another-must-confirm"):
        governance.confirm(db, proposal.id, by=ONE, now=city.now)
    assert (body.key_revoked_at, announced(db, "revoke_attester")) == (None, [])
    governance.confirm(db, proposal.id, by=OTHER, now=city.now)
    db.refresh(deed)
    assert (body.key_revoked_at, deed.state) == (city.now, ActionState.REFUSED)
    assert (deed.reason_code, deed.reward_cents) == ("key-revoked-for-cause", 0)
    (told,) = announced(db, "revoke_attester")
    assert told.payload == {"key": body.key_address, "for_cause": True}
    with pytest.raises(Problem, match="organisation-key-missing"):
        city.attest(clerk, city.citizen().id, programme)
    with pytest.raises(Problem, match="no-key-to-revoke"):
        propose_revocation(db, organisation_id=body.id, reason="lost", by=ONE, now=city.now)


def test_a_lost_key_leaves_what_it_signed_and_makes_room(db: Session, city: City) -> None:
    body = city.organisation()
    deed = city.attest(city.clerk(body), city.citizen().id, city.programme())
    proposal = propose_revocation(db, organisation_id=body.id, reason="lost", by=ONE, now=city.now)
    governance.confirm(db, proposal.id, by=OTHER, now=city.now)
    assert deed.state is ActionState.AUTHENTICATED
    old = body.key_address
    assert old is not None
    with pytest.raises(Problem, match="organisation-key-revoked"):
        organisation_keys.offer_key(db, body, old, by=ADMIN, now=city.now)
    fresh = typed.address_of(typed.new_key())
    organisation_keys.offer_key(db, body, fresh, by=ADMIN, now=city.now)
    assert (body.key_address, body.key_valid_from, body.key_revoked_at) == (fresh, None, None)
    body.created_by = ONE
    with pytest.raises(Problem, match="another-must-confirm"):
        organisation_keys.register_key(db, body.id, by=ONE, now=city.now)
    organisation_keys.register_key(db, body.id, by=OTHER, now=city.now)
    assert body.key_valid_from == city.now


def test_nobody_decides_on_their_own_organisation(db: Session, city: City) -> None:
    body, own = city.organisation(), city.citizen().id
    grant_role(db, person_id=own, role=Role.ATTESTER, organisation_id=body.id, now=city.now)
    with pytest.raises(Problem, match="not-own-organisation"):
        propose_revocation(db, organisation_id=body.id, reason="lost", by=own, now=city.now)
    with pytest.raises(Problem, match="not-own-organisation"):
        _set(db, body, own)
    _set(db, body, OTHER)
    assert (body.actions_per_day, body.reward_cents_per_day) == (5, 500)


def _set(db: Session, body: Organisation, by: UUID) -> None:
    at = Clock().now(db)
    set_ceilings(db, body.id, actions_per_day=5, reward_cents_per_day=500, by=by, now=at)


def test_a_shop_is_closed_by_two(db: Session, city: City) -> None:
    merchant_id = Shop(db, city.now).merchant().organisation_id
    proposal = propose_closing(db, merchant_id=merchant_id, by=ONE, now=city.now)
    with pytest.raises(Problem, match="another-must-confirm"):
        governance.confirm(db, proposal.id, by=ONE, now=city.now)
    assert _state(db, merchant_id) is PayeeState.ACTIVE
    withdrawn = governance.reject(db, proposal.id, by=ONE, now=city.now)
    assert withdrawn.state is ProposalState.WITHDRAWN
    again = propose_closing(db, merchant_id=merchant_id, by=ONE, now=city.now)
    governance.confirm(db, again.id, by=OTHER, now=city.now)
    assert _state(db, merchant_id) is PayeeState.CLOSING


def _state(db: Session, merchant_id: UUID) -> PayeeState:
    return db.get_one(Merchant, merchant_id).state
