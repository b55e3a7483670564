"""A season on a real chain: people who earn and pay, a shop, officers, treasurers, and time.

Time passes here and on the chain; while the chain is halted, its node's process stands still.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.db import uuid7
from app.endings.announcing import propose_end, tell_next
from app.endings.closing import go_on_next, propose_close
from app.errors import Problem
from app.governance.service import confirm
from app.identity import service as identity
from app.identity.models import Account, IdentityLevel, Person, WalletKind
from app.merchants import payments
from app.merchants.acceptance import accept_payment
from app.merchants.models import Merchant, PayeeState, Payment
from app.merchants.signing import ByCard, Payer
from app.rewards.models import Programme, ProgrammeState
from app.rewards.money import ledger
from app.rewards.money.funding import confirm_funding, propose_funding
from app.rewards.programmes import NewProgramme
from app.rewards.rule_sets.rule_changes import propose_programme
from tests.support.accounts_on_chain import desk
from tests.support.city import RULES
from tests.support.public_side import Citizen, PublicSide
from tests.support.shop import Keys, Shop

ONE, OTHER = uuid7(), uuid7()  # officers, and treasurers
EARN, SPEND = 60, 150  # the last days, counted from the first


@dataclass
class Season:
    """`programme_id` once it runs; `people` with accounts, all but the first with an address."""

    side: PublicSide
    keys: Keys = field(init=False)
    programme_id: UUID = field(init=False)
    people: list[Citizen] = field(default_factory=list)
    shop: Merchant = field(init=False)
    contested: UUID = field(init=False)  # a payment by card
    day: int = 0

    def __post_init__(self) -> None:
        world = self.side.world
        self.keys = Keys(desk(world), world.signer.keys["acceptor"])

    @property
    def programme(self) -> Programme:
        with self.side.world.services.database.session() as session:
            return session.get_one(Programme, self.programme_id)

    @property
    def state(self) -> ProgrammeState:
        return self.programme.state

    def balances(self) -> list[int]:
        with self.side.world.services.database.session() as session:
            return [ledger.final_balance(session, address) for _, address in self.people]

    def refusal(self, call: Any, *arguments: Any, **named: Any) -> Problem:
        with self.side.world.transaction() as (session, now), pytest.raises(Problem) as caught:
            call(session, *arguments, **named, now=now)
        return caught.value

    def hinders(self) -> set[str]:
        """What keeps it from being closed."""
        found = self.refusal(propose_close, self.programme_id, by=ONE).fields
        return {flaw.code for flaw in found}

    def by_two(self, propose: Any, *arguments: Any) -> None:
        """Proposed by one officer, confirmed by another, in transactions of their own."""
        with self.side.world.transaction() as (session, now):
            proposal_id = propose(session, *arguments, by=ONE, now=now).id
        with self.side.world.transaction() as (session, now):
            confirm(session, proposal_id, by=OTHER, now=now)

    def publish(self, cents: int) -> None:
        """Two officers decide it; it reaches the chain, and is funded."""
        world = self.side.world
        with world.transaction() as (_session, now):
            today = now.date()
        first, earn, spend = (today + timedelta(days=days) for days in (0, EARN, SPEND))
        options = {"batch_min_accounts": 1, "batch_max_age_seconds": 60, "period_seconds": 60}
        name = {"fr": "Saison", "en": "Season"}
        new = NewProgramme("season", name, "JET", first, earn, spend, RULES, "UTC", cents, options)
        self.by_two(partial(propose_programme, acknowledged=True), new)
        with world.transaction() as (session, now):
            programme = session.scalars(select(Programme)).one()
            self.programme_id = programme.id
            funding = propose_funding(
                session, programme, amount_cents=cents, bank_reference="COUNCIL-2026", by=ONE,
                now=now,
            )  # fmt: skip
            confirm_funding(session, funding.id, by=OTHER, now=now)
        world.settle()

    def open_shop(self) -> None:
        world = self.side.world
        with world.transaction() as (session, now):
            programme = session.get_one(Programme, self.programme_id)
            self.shop = Shop(session, now, self.keys).merchant(programme)
            self.shop.state = PayeeState.PENDING  # the chain says the rest
        world.settle()

    def invite(self, number: int) -> None:
        """People with accounts whose keys are custodial; the first has no address."""
        with self.side.world.transaction() as (session, now):
            for place in range(number):
                email = f"person-{place}@season.example" if place else None
                person = identity.register_person(
                    session, email, level=IdentityLevel.CONTACT, now=now
                )
                self.people.append((person, self._account(session, person, now)))

    def _account(self, session: Any, person: Person, now: Any) -> str:
        address = self.keys.new_account()
        account = Account(
            person_id=person.id, programme_id=self.programme_id, address=address,
            wallet=WalletKind.CUSTODIAL, created_at=now,
        )  # fmt: skip
        session.add(account)
        return address

    def pay(self, number: int, cents: int, *, by_card: bool = False) -> Payment:
        """One of the people pays at the shop."""
        with self.side.world.transaction() as (session, now):
            person = self.people[number][0].id
            payer = Payer(person, ByCard("1", "1234") if by_card else uuid7())
            payment = payments.request_payment(
                session, merchant_id=self.shop.organisation_id, amount_cents=cents, label=None,
                by=None, now=now,
            )  # fmt: skip
            wallet = Shop(session, now, self.keys).desk
            accept_payment(session, payer=payer, payment_id=payment.id, desk=wallet, now=now)
            return payment

    def until(self, day: int, *, chain: bool = True) -> None:
        """Days pass, here and (unless it stands still) on the chain; then the day's job runs."""
        days, self.day = day - self.day, day
        with self.side.world.transaction() as (session, _now):
            self.side.world.services.clock.move(session, days=days)
        if chain:
            self.chain_catches_up(days)
        with self.side.world.transaction() as (session, now):
            tried = set[UUID]()
            while go_on_next(session, now, tried):
                pass
            tell_next(session, now)

    def chain_catches_up(self, days: int) -> None:
        self.side.world.node.rpc("evm_increaseTime", days * 86_400)
        self.side.world.mine()

    @contextmanager
    def halted(self) -> Iterator[None]:
        """The node's process stands still; its clock catches up when it goes on."""
        began = self.day
        process = self.side.world.node.supervisor.pid("anvil")
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)
        self.chain_catches_up(self.day - began)

    def announce(self) -> None:
        last = self.programme.last_day_to_spend
        self.by_two(propose_end, self.programme_id, last)
