"""A season of three days in a running demo city, ended by the city's own API, workers and clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

import httpx
from sqlalchemy import select
from sqlmodel import col

from app.chain import typed
from app.demo.city import small_city
from app.demo.world import World
from app.embedded.rpc import Rpc
from app.identity.models import Account, WalletKind
from app.rewards.models import Balance, Programme
from app.rewards.programmes import NewProgramme
from app.rewards.rule_sets.rule_changes import propose_programme
from app.running import Running
from app.services import connect
from tests.support.chain_rows import new_deed, new_person
from tests.support.city import RULES
from tests.support.processes import eventually
from tests.support.system import System

SLUG, CENTS, FUNDED = "short-season", 100, 10_000
OPTIONS = {
    "short_timetable": True,
    "batch_min_accounts": 1,
    "batch_max_age_seconds": 60,
    "period_seconds": 60,
}


@dataclass
class ShortSeason:
    """Officers and treasurers speak to the site as any program does."""

    system: System
    world: World = field(init=False)
    site: httpx.Client = field(init=False)

    def __enter__(self) -> Self:
        self.world = World(connect(self.system.settings, name="tests"), small_city(), print)
        self.site = httpx.Client(base_url=self.system.url + "/api/v1", timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self.site.close()
        self.world.parts.database.dispose()

    def call(self, who: str, method: str, path: str, body: Any = None) -> Any:
        with self.world.parts.database.session() as session:
            person = self.world.person(session, who)
        headers = {
            "Authorization": f"Bearer {self.world.token(person)}",
            "Idempotency-Key": str(uuid4()),
            "Accept-Language": "en",
        }
        answer = self.site.request(method, path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json()

    @property
    def programme(self) -> Programme:
        with self.world.parts.database.session() as session:
            return session.scalars(select(Programme).where(col(Programme.slug) == SLUG)).one()

    def at(self, what: str) -> str:
        return f"/programmes/{self.programme.id}/{what}"

    def by_two(self, proposal: Any) -> None:
        self.call("officer-2", "POST", f"/proposals/{proposal['id']}/confirmation")

    def by_two_treasurers(self, what: str, cents: int) -> None:
        """Of "funding" or "returns": a transfer named by one, confirmed by another."""
        named = {"amount_cents": cents, "bank_reference": uuid4().hex}
        made = self.call("treasurer-1", "POST", self.at(what), named)
        self.call("treasurer-2", "POST", f"/{what}/{made['id']}/confirmation")

    def found(self) -> None:
        """Proposed here, since only a demo may be so short; all else by the API."""
        with self.world.parts.database.transaction() as session:
            now, by = self.world.now(session), self.world.person(session, "officer")
            first, earn, spend = (now.date() + timedelta(days=days) for days in (-2, 1, 2))
            name = {"fr": "Courte", "en": "Short"}
            new = NewProgramme(
                SLUG, name, "SHORT", first, earn, spend, RULES, "UTC", FUNDED, OPTIONS
            )
            made = propose_programme(session, new, by=by, now=now, acknowledged=True).id
        self.by_two({"id": made})
        assert eventually(lambda: self.programme.state.value == "running"), self.programme.state
        self.by_two_treasurers("funding", FUNDED)

    def earn(self) -> None:
        """Three people's deeds, vouched for and due."""
        with self.world.parts.database.transaction() as session:
            now, programme = self.world.now(session), self.programme
            for _ in range(3):
                person, address = new_person(session, now), typed.address_of(typed.new_key())
                session.add(
                    Account(person_id=person.id, programme_id=programme.id, address=address,
                            wallet=WalletKind.CUSTODIAL, created_at=now)
                )  # fmt: skip
                session.add(new_deed(programme, person, address, now, CENTS))

    def balances(self) -> list[int]:
        with self.world.parts.database.session() as session:
            own = col(Balance.programme_chain_id) == self.programme.chain_id
            return sorted(session.scalars(select(col(Balance.final_cents)).where(own)))

    def pass_days(self, days: int) -> None:
        """For the city and its chain alike; sessions of before may be over."""
        with self.world.parts.database.transaction() as session:
            self.world.parts.clock.move(session, days=days)
        running = Running.read(self.system.home)
        assert running
        with Rpc(running.node_port) as rpc:
            rpc("evm_increaseTime", days * 86_400)
            rpc("evm_mine")
        self.world.tokens.clear()
