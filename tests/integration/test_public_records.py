"""What the public is told from records tells of nobody: it moves by periods and by five people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.actions.models import Action, AttesterKey
from app.chain import typed
from app.clock import clock_of
from app.db import uuid7
from app.identity.models import Account, KeyCustody, WalletKind
from app.impact.catalogue import catalogue
from app.reporting.export import records
from app.reporting.facts import roll
from app.reporting.figures_csv import as_csv
from app.reporting.sums import everything
from app.rewards.models import Balance, CellPublication, LedgerEntry, Programme
from app.rewards.valuing.vouched import count_vouched
from app.services import Services
from tests.support.city import City


@pytest.fixture
def now(services: Services, db: Session) -> datetime:
    return services.clock.now(db).replace(hour=12)


def told(db: Session, now: datetime) -> dict[str, dict[str, Any]]:
    db.flush()
    roll(db, now)
    return {
        entry["id"]: entry
        for entry in records(everything(db.connection(), clock_of(db).zone).records)
    }


def publish(
    db: Session, programme: Programme, actions: list[Action], period: int, now: datetime
) -> CellPublication:
    for action in actions:
        action.published_period = period
    made = CellPublication(
        programme_id=programme.id, period=period, sum_root=bytes(32), cells=[],
        kept_back_actions=0, kept_back_reward_cents=0, created_at=now, final_at=now,
    )  # fmt: skip
    db.add(made)
    db.flush()
    count_vouched(db, made, 5)
    return made


def test_who_signed_is_told_by_periods_with_five_people_on_each_side(
    db: Session, now: datetime
) -> None:
    city = City(db, now)
    programme, clerk = city.programme(), city.clerk(city.organisation())
    own = [city.attest(clerk, city.citizen().id, programme) for _ in range(6)]
    assert told(db, now) == {}
    publish(db, programme, own[:5], 1, now)
    signed = told(db, now)["signed-with-server-keys"]
    assert (signed["signed"], signed["deeds"]) == (0, 5)
    db.get_one(AttesterKey, typed.address_of(clerk.key)).custody = KeyCustody.SERVER
    db.flush()
    servers = [city.attest(clerk, city.citizen().id, programme) for _ in range(5)]
    assert told(db, now)["signed-with-server-keys"] == signed, "not published"
    assert publish(db, programme, servers[:4], 2, now).vouched is None
    assert told(db, now)["signed-with-server-keys"] == signed, "four people"
    assert publish(db, programme, servers[4:], 3, now).vouched == 5
    after = told(db, now)["signed-with-server-keys"]
    assert (after["signed"], after["deeds"]) == (5, 10)


def test_what_is_held_is_told_of_five_people_once_a_day(db: Session, now: datetime) -> None:
    city = City(db, now)
    programme = city.programme()
    accounts = [_holder(db, city, programme, WalletKind.CUSTODIAL, now) for _ in range(5)]
    _holder(db, city, programme, WalletKind.DEVICE, now)
    told(db, now)
    accounts[0].final_cents = 0
    assert "held-in-custodial-wallets" in told(db, now), "of yesterday's moment"
    for days, moved, expected in ((0, 5, 1000), (1, 0, 1000), (2, 4, 1000), (3, 5, None)):
        at = now + timedelta(days=days)
        for balance in accounts[:moved]:
            _entry(db, balance, at)
        entry = told(db, at).get("held-in-custodial-wallets")
        assert (entry and entry["held_cents"]) == expected, days


def test_what_is_held_stands_in_the_csv(db: Session, now: datetime) -> None:
    city = City(db, now)
    programme = city.programme()
    for _ in range(5):
        _holder(db, city, programme, WalletKind.CUSTODIAL, now)
    (entry,) = told(db, now).values()
    assert entry["text"] == "10.00 tokens of 5 people lie in wallets whose keys the city holds"
    line = as_csv([], catalogue(), [entry]).splitlines()[1]
    assert line.startswith("held-in-custodial-wallets,")
    assert line.endswith(f",1000,5,{entry['text']}")


def _holder(
    db: Session, city: City, programme: Programme, wallet: WalletKind, now: datetime
) -> Balance:
    address = typed.address_of(typed.keccak(uuid7().bytes))
    account = Account(
        person_id=city.citizen().id, programme_id=programme.id, address=address, wallet=wallet,
        created_at=now,
    )  # fmt: skip
    balance = Balance(address=address, programme_chain_id=programme.chain_id, final_cents=200)
    db.add_all([account, balance])
    db.flush()
    return balance


def _entry(db: Session, balance: Balance, at: datetime) -> None:
    db.add(
        LedgerEntry(
            block_hash=uuid7().bytes * 2, log_index=0, side=1, block_number=1, block_time=at,
            programme_chain_id=balance.programme_chain_id, address=balance.address,
            kind="credit", amount_cents=1,
        )
    )  # fmt: skip
