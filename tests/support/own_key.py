"""What an owner's browser does with keys of its own, over the API: signs moves and orders."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from werkzeug.test import TestResponse

from app.chain import typed
from app.chain.contracts.events import At
from app.chain.contracts.recovery_events import AccountMoved
from app.chain.typed_recovery import RECOVERY, Move
from app.config import DatabaseRole
from app.db import Database
from app.identity import service as identity
from app.identity.sessions import prove
from app.outbox.models import OutboxItem
from app.recovery.move_models import AnnouncedMove
from app.recovery.projections import HANDLERS
from app.recovery.sending_moves import AcceptorDesk, carry_out, due_moves
from app.reporting import held
from app.reporting.facts import roll
from app.rewards.money.moves import HANDLERS as LEDGER
from app.rewards.money.moves import lock_accounts
from tests.support.recovering import Recovering
from tests.support.signer import ADDRESSES, CHAIN_ID, GENESIS

DOMAIN = typed.Domain(RECOVERY, CHAIN_ID, ADDRESSES["Recovery"], GENESIS)
Body = dict[str, Any]


def hexed(value: bytes) -> str:
    return "0x" + value.hex()


@dataclass
class OwnKey:
    """The citizen of a town with one account, and how its keeper changes."""

    town: Recovering

    def proved(self) -> OwnKey:
        """The citizen's session has just been confirmed."""
        city, services = self.town.city, self.town.services
        with services.database.transaction() as session:
            now = services.clock.now(session)
            live = identity.find_session(session, city.tokens["citizen"], now)
            assert live is not None
            city.tokens["citizen"] = prove(session, live.id, now)
        return self

    def grown_old(self) -> OwnKey:
        """The proof counts no longer."""
        with self.town.services.database.transaction() as session:
            session.execute(text("update sign_in_session set proved_at = null"))
        return self

    def account(self) -> Body:
        shown: Body = self.town.city.get("citizen", "/me/wallet/accounts")
        [found] = shown["items"]
        return dict(found)

    def struct(self, receiver: str, **changes: Any) -> Move:
        now = self.account()
        values: Body = {
            "programme_id": bytes.fromhex(now["programme"][2:]),
            "sender": now["address"],
            "receiver": receiver,
            "amount": now["available_cents"],
            "nonce": secrets.token_bytes(32),
        }
        return Move(**values | changes)

    def move(
        self,
        struct: Move,
        *,
        new: bytes | None = None,
        old: bytes | None = None,
        wallet: str = "device",
        passkey: Body | None = None,
    ) -> TestResponse:
        """`new`: the key that signs for the new account, `old`: for the one that is left."""
        digest = typed.digest(DOMAIN, struct)
        one: Body = {
            "programme_id": self.account()["programme_id"],
            "sender": struct.sender,
            "receiver": struct.receiver,
            "amount_cents": struct.amount,
            "nonce": hexed(struct.nonce),
            "receiver_signature": hexed(typed.sign(digest, new)) if new else None,
            "owner_signature": hexed(typed.sign(digest, old)) if old else None,
        }
        return self.send({"wallet": wallet, "moves": [one], "passkey": passkey})

    def send(self, body: Body, key: str = "") -> TestResponse:
        return self.town.city.call("citizen", "POST", "/me/wallet/moves", body, key)

    def waited(self, *, hours: int = 72) -> OwnKey:
        """What was announced was so much earlier, here and at the signer."""
        for table, first in (("announced_move", "asked_at"), ("signer.heard_move", "heard_at")):
            earlier = f"update {table} set {first} = {first} - :span, ready_at = ready_at - :span"
            self.as_owner(earlier, timedelta(hours=hours))
        return self

    def as_owner(self, statement: str, span: timedelta) -> None:
        """By the database's owner: neither the application nor the signer may do that."""
        url = self.town.services.settings.database_url(DatabaseRole.MIGRATOR)
        owner = Database(url, pool_size=1, name="owner")
        with owner.transaction() as session:
            session.execute(text(statement), {"span": span})
        owner.dispose()

    def rounds(self) -> list[str]:
        """What the worker does by itself for this owner: the moves that it sent to the chain."""
        services = self.town.services
        desk = AcceptorDesk(DOMAIN, self.town.city.world.signer)
        before = {row.key for row in self.town.outbox()}
        with services.database.transaction() as session:
            now = services.clock.now(session)
            due = [session.get_one(AnnouncedMove, one) for one in due_moves(session, now)]
            own = self.town.city.world.mine.person_id
            for announced in [one.id for one in due if one.person_id == own]:
                carry_out(session, announced, desk, now)
        return ["0x" + row.key for row in self.town.outbox() if row.key not in before]

    def sent(self, move_id: str) -> list[OutboxItem]:
        return [row for row in self.town.outbox() if row.key == move_id[2:]]

    def final(self, move_id: str) -> None:
        """What the indexer does when the chain has moved the account."""
        [sent] = self.sent(move_id)
        said, services = sent.payload["move"], self.town.services
        with services.database.transaction() as session:
            when = services.clock.now(session)
            at = At(7, secrets.token_bytes(32), when, 0, secrets.token_bytes(32), "")
            event = AccountMoved(
                at,
                bytes.fromhex(move_id[2:]),
                bytes.fromhex(said["programme_id"][2:]),
                said["sender"],
                said["receiver"],
                said["amount"],
            )
            lock_accounts([event], session)
            LEDGER[AccountMoved](event, session)
            HANDLERS[AccountMoved](event, session)

    def pay(self, cents: int, key: bytes) -> TestResponse:
        """All orders signed with one key."""
        payment_id = self.town.city.ask(cents)["id"]
        path = f"/payments/{payment_id}"
        orders = self.town.city.get("citizen", f"{path}/orders")["items"]
        signed = [
            {
                "order_id": one["id"],
                "signature": hexed(typed.sign(bytes.fromhex(one["id"][2:]), key)),
            }
            for one in orders
        ]
        return self.town.city.call("citizen", "POST", f"{path}/acceptance", {"signatures": signed})


def fresh() -> tuple[bytes, str]:
    key = typed.new_key()
    return key, typed.address_of(key)


def refused(answer: TestResponse, code: str, field: str | None = None) -> None:
    said = answer.get_json()
    fields = [one["field"] for one in said.get("errors", [])]
    assert (said["code"], fields) == (code, [field] if field else []), said


def moved(owner: OwnKey) -> bytes:
    """The key, which the device has; it was announced, and the chain has told of the move."""
    key, address = fresh()
    answer = owner.proved().move(owner.struct(address), new=key)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    [sent] = owner.waited().rounds()
    owner.final(sent)
    return key


def city_holds(owner: OwnKey) -> int:
    """The public figure, in cents: taken anew, whenever it was taken last."""
    with owner.town.services.database.transaction() as session:
        now = owner.town.services.clock.now(session)
        roll(session, now)
        session.execute(text("update record_total set held_at = null"))
        held.take(session, now)
        return int(session.scalar(text("select held_cents from record_total")) or 0)
