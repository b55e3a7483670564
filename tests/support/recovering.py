"""The paying city with four officers, an owner who has an address, and time that has passed."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlmodel import col

from app.chain.typed import address_of
from app.config import DatabaseRole
from app.db import Database
from app.identity import service as identity
from app.identity.models import Account, IdentityLevel, Role, SignInSession, WalletKind
from app.identity.tokens import token_hash
from app.mail_models import OutgoingMail
from app.outbox.models import OutboxItem
from app.privacy.service import open_for_service
from app.recovery.carrying import carry_out_next
from app.rights.deaths import carry_out_next_death
from app.services import Services
from tests.support.paying import City
from tests.support.shop import Shop

AGED = {
    "wallet_block": ("since", "until", "lifted_at"),
    "letter_link": ("created_at", "expires_at"),
    "recovery": ("proposed_at", "confirmed_at", "ready_at", "ends_at", "objected_at"),
}
LINK = re.compile(r"civis-site:(/not-me/[\w-]+)")


@dataclass
class Recovering:
    """`email`: the owner's, by which officers know them."""

    city: City
    email: str

    @property
    def services(self) -> Services:
        return self.city.world.services

    def pay(self, cents: int = 100) -> Any:
        """The owner's session pays; the answer, whatever it is."""
        asked = self.city.ask(cents)
        return self.city.call("citizen", "POST", f"/payments/{asked['id']}/acceptance", {})

    def age(self, *, hours: int = 0, days: int = 0) -> None:
        """Everything happened so much earlier: the same as waiting, for every process at once."""
        url = self.services.settings.database_url(DatabaseRole.MIGRATOR)
        owner = Database(url, pool_size=1, name="owner")
        with owner.transaction() as session:
            for table, columns in AGED.items():
                earlier = ", ".join(f"{one} = {one} - :span" for one in columns)
                session.execute(
                    text(f"update {table} set {earlier}"),
                    {"span": timedelta(hours=hours, days=days)},
                )
        owner.dispose()

    def rounds(self) -> int:
        """What the worker does by itself."""
        done, tried = 0, set[UUID]()
        while True:
            with self.services.database.transaction() as session:
                now = self.services.clock.now(session)
                signer, mail = self.city.world.signer, self.services.settings.mail
                if not (
                    carry_out_next(session, signer, now, tried)
                    or carry_out_next_death(session, signer, mail, now, tried)
                ):
                    return done
            done += 1

    def letters(self, to: str) -> list[str]:
        """Texts that wait for this address, oldest first."""
        with self.services.database.session() as session:
            rows = session.scalars(select(OutgoingMail).order_by(col(OutgoingMail.id))).all()
            read = [
                json.loads(open_for_service(session, "mail", row.sealed, row.id.bytes))
                for row in rows
            ]
        return [letter["text"] for letter in read if letter["to"] == to]

    def link(self, to: str) -> str:
        """The newest link that came to this address."""
        found = [path for text in self.letters(to) for path in LINK.findall(text)]
        return str(found[-1])

    def press(self, path: str) -> int:
        """Presses the button of the letter's page in a browser that is signed in nowhere."""
        browser = self.city.client.application.test_client()
        browser.get(path)
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)
        assert token
        return browser.post(path, data={"csrf_token": token[1]}).status_code

    def outbox(self) -> list[OutboxItem]:
        with self.services.database.session() as session:
            query = select(OutboxItem).where(col(OutboxItem.kind).like("%_account"))
            recovery = select(OutboxItem).where(col(OutboxItem.kind).like("%_recovery"))
            rows = [*session.scalars(query), *session.scalars(recovery)]
        return sorted(rows, key=lambda row: row.id)

    def propose(self, email: str, *, who: str = "officer") -> str:
        said = {"known_by": self.email, "email": email, "seen": "papers"}
        return str(self.city.post(who, "/recoveries", said, status=201)["id"])

    def code(self, email: str) -> str:
        """What the newest letter to a new address asks to be told to the officer."""
        [*_, newest] = re.findall(r"\b[0-9]{6}\b", "\n".join(self.letters(email)))
        return str(newest)

    def confirm(self, case: str, email: str, *, who: str = "officer-2") -> None:
        """The second officer, to whom the person told the code that came there."""
        self.city.post(who, f"/recoveries/{case}/confirmation", {"code": self.code(email)})

    def refused(self, who: str, path: str, body: Any = None) -> str:
        answer = self.city.call(who, "POST", path, body)
        assert answer.status_code >= 400, answer.get_data(as_text=True)
        return str(answer.get_json()["code"])


def recovering(city: City, device_key: bytes | None = None) -> Recovering:
    """The owner's account is the city's to keep, or a device's with this key."""
    services = city.world.services
    email = f"{secrets.token_hex(6)}@city.example"
    with services.database.transaction() as session:
        session.execute(text("update recovery set state = 'failed'"))  # of tests before
        now = services.clock.now(session)
        account = session.get_one(Account, city.world.mine.id)
        owner = identity.register_person(session, email, level=IdentityLevel.CONTACT, now=now)
        if device_key is not None:
            session.add(_device(owner.id, account.programme_id, device_key, now))
            session.flush()
        fresh = identity.account_for(
            session, owner.id, account.programme_id, signer=city.world.signer, now=now
        )
        Shop(session, now).balance(fresh.address, city.world.programme, 1000)
        city.tokens["citizen"] = identity.open_session(session, owner.id, "api", now)
        for who in ("officer-3", "officer-4"):
            person = identity.register_person(session, None, level=IdentityLevel.CONTACT, now=now)
            identity.grant_role(session, person_id=person.id, role=Role.OFFICER, now=now)
            city.tokens[who] = identity.open_session(session, person.id, "api", now)
        city.world.mine = fresh
    prove_officers(city)
    return Recovering(city, email)


def prove_officers(city: City, *, fresh: bool = True) -> None:
    """They have just shown that it is them, or never did."""
    theirs = [token_hash(token) for who, token in city.tokens.items() if who.startswith("officer")]
    whose = col(SignInSession.token_hash).in_(theirs)
    with city.world.services.database.transaction() as session:
        proved = city.world.services.clock.now(session) if fresh else None
        session.execute(update(SignInSession).where(whose).values(proved_at=proved))


def _device(person_id: UUID, programme_id: UUID, key: bytes, now: datetime) -> Account:
    return Account(
        person_id=person_id,
        programme_id=programme_id,
        address=address_of(key),
        wallet=WalletKind.DEVICE,
        created_at=now,
    )
