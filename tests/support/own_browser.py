"""One person's browser that keeps a key of its own, and all that it sends."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page, Request
from sqlalchemy.orm import Session

from app.config import DatabaseRole
from app.db import Database
from app.demo.city import address
from app.demo.world import World
from app.identity import service as identity
from app.identity.models import Account
from app.rewards.money.ledger import available, held
from tests.support.system import System

STORED = """async () => {
  const { all } = await import("/static/js/keystore.js");
  const row = (await all()).find((one) => one.slot.startsWith("wallet:"));
  const bytes = (value) => [...new Uint8Array(value)];
  return { salt: bytes(row.salt), iv: bytes(row.iv), sealed: bytes(row.sealed), way: row.way };
}"""
DERIVED = """async () => {
  const { codeOf, keyOf } = await import("/static/js/seed.js");
  const seed = Uint8Array.from({ length: 16 }, (_, at) => at);
  const key = await keyOf(seed, new Uint8Array(32).fill(7));
  return [await codeOf(seed), [...key]];
}"""
FORGOTTEN = """() => new Promise((done, failed) => {
  const asked = indexedDB.deleteDatabase("civis-keys");
  asked.onsuccess = done;
  asked.onerror = failed;
})"""

ASKED = """
  if (navigator.storage) navigator.storage.persist = async () => {
    sessionStorage.persist = "asked";
    return true;
  };
"""


@dataclass
class Owner:
    """One person's browser, and all that it sent."""

    tab: Page
    city: System
    email: str
    sent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tab.on("request", self._note)
        self.tab.add_init_script(ASKED)

    def _note(self, request: Request) -> None:
        self.sent.append(f"{request.url} {request.headers} {request.post_data or ''}")

    def open(self, path: str) -> None:
        self.tab.goto(f"{self.city.url}{path}")

    def part(self, name: str) -> str:
        return f'[data-part="{name}"]'

    def has_had_the_passkey_for_a_week(self, world: World) -> None:
        """By the signer's own clock and table, which nobody else's role may write."""
        world.parts.signer.tidy_moves()
        url = world.parts.settings.database_url(DatabaseRole.SIGNER)
        signer = Database(url, pool_size=1, name="signer")
        with signer.transaction() as session:
            old = "update signer.seen_passkey set seen_at = seen_at - interval '7 days'"
            assert session.connection().exec_driver_sql(old).rowcount
        signer.dispose()
        with world.parts.database.transaction() as session:
            old = "update passkey set created_at = created_at - interval '7 days'"
            session.connection().exec_driver_sql(old)

    def account(self, session: Session) -> Account:
        person = identity.person_by_email(session, self.email)
        assert person is not None
        [found] = [a for a in identity.accounts_of(session, person.id) if not a.replaced_at]
        return found

    def promised(self, session: Session) -> int:
        account = self.account(session)
        return held(session, account.address, account.programme_id)


def somebody_with_tokens(world: World, session: Session) -> str:
    """The e-mail address of a simulated citizen for whom no other test acts."""
    for citizen in world.city.citizens[1:]:
        email = address(citizen.local)
        person = identity.person_by_email(session, email)
        accounts = identity.accounts_of(session, person.id) if person else []
        if sum(available(session, one.address, one.programme_id) for one in accounts) >= 60:
            return email
    raise LookupError("nobody has tokens")
