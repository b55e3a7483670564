"""Closing after a death: whoever lives on stops it, and what is on its way is waited for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.cards.models import Card, CardState, CounterVisit
from app.identity.models import Account, WalletKind
from app.recovery.models import Recovery, RecoveryState
from app.recovery.move_models import AccountMove
from app.services import Services
from tests.support.card_till import card_till
from tests.support.cards import held
from tests.support.paying import paying_city
from tests.support.recovering import Recovering, prove_officers, recovering
from tests.web.test_deaths import MONTH, PAPER, confirmed, row, waited


@pytest.fixture
def town(services: Services, signer: SignerClient) -> Iterator[Recovering]:
    with paying_city(services, signer) as city:
        yield recovering(city)


def lives(town: Recovering, case: str) -> bool:
    """Whether the next round finds a sign of life; taken back for the next one."""
    town.rounds()
    found = row(town, Recovery, case).state is RecoveryState.OBJECTED
    fresh: dict[str, Any] = {"state": RecoveryState.CONFIRMED, "objected_at": None}
    fresh["ends_at"] = col(Recovery.ready_at) + timedelta(days=30)
    with town.services.database.transaction() as session:
        session.execute(update(Recovery).where(col(Recovery.id) == case).values(fresh))
        session.execute(delete(CounterVisit))
        session.execute(update(Card).values(refused_at=None))
    return found


def test_who_has_a_card_alone_stops_it_by_living(services: Services, signer: SignerClient) -> None:
    with card_till(services, signer) as till:
        town = Recovering(till.city, "")
        prove_officers(till.city)
        with services.database.transaction() as session:
            now = services.clock.now(session)
            known_by = identity.presence_secret(session, till.card.person_id, now).short_number
        said = {"known_by": known_by, **PAPER}
        case = town.city.post("officer", "/recoveries/deaths", said, status=201)["id"]
        town.city.post("officer-2", f"/recoveries/{case}/confirmation", {})
        assert not lives(town, case)
        status, told = till.charge(town.city.ask(100)["id"])
        assert (status, told["code"]) == (409, "wallet-blocked")
        assert "demandez au guichet" in told["remedy"]
        assert lives(town, case), "shown at a till"
        shown = {"card_number": till.card.number}
        town.city.post("officer", "/counter/visits/by-card", shown, status=201)
        assert lives(town, case), "shown at the counter"
        assert not lives(town, case)
        with services.database.transaction() as session:
            session.add(move := a_move(till.account, services.clock.now(session)))
        town.age(hours=MONTH)
        assert town.rounds() == 0, "a move on its way is waited for"
        assert held(services, till.card.number).state is CardState.ACTIVE
        with services.database.transaction() as session:
            session.get_one(AccountMove, move.id).failed_at = services.clock.now(session)
        assert town.rounds() == 1
        assert held(services, till.card.number).state is CardState.BLOCKED


def a_move(account: Account, now: datetime) -> AccountMove:
    return AccountMove(
        id=bytes(32),
        person_id=account.person_id,
        account_id=account.id,
        new_address="0x" + "ab" * 20,
        wallet=WalletKind.DEVICE,
        amount_cents=0,
        asked_at=now,
    )


def test_an_open_page_is_no_sign_of_life(town: Recovering) -> None:
    asked = town.city.ask(100)["id"]
    case = confirmed(town)
    waited(town, 24)
    town.city.get("citizen", f"/payments/{asked}")  # as the page of a payment asks by itself
    assert not lives(town, case)
    town.city.get("citizen", "/me")
    assert lives(town, case)
