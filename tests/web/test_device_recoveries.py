"""A device's account: the acceptor's word comes only for a recovery that is ripe, with the holds
that stand, whoever asks the signer; and a blocked device pays nothing with its own signature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from app.chain import typed
from app.chain.signer import SignerClient
from app.chain.typed_recovery import RECOVERY, Forward, Release
from app.errors import Problem
from app.identity import service as identity
from app.identity.models import Account, WalletKind
from app.recovery.chain import chain_recovery_id
from app.recovery.move_models import AnnouncedMove
from app.rewards.money import ledger
from app.services import Services
from tests.support.paying import paying_city
from tests.support.recovering import Recovering, recovering
from tests.support.signer import ADDRESSES, CHAIN_ID, GENESIS

DOMAIN = typed.Domain(RECOVERY, CHAIN_ID, ADDRESSES["Recovery"], GENESIS)


@dataclass
class Device(Recovering):
    """`key`: what only the device, and now the thief, has."""

    key: bytes

    def sign_and_pay(self, payment_id: str) -> TestResponse:
        """All that the key can do for a payment."""
        path = f"/payments/{payment_id}"
        shown = self.city.call("citizen", "GET", f"{path}/orders").get_json()
        return self.accept(payment_id, shown["items"])

    def accept(self, payment_id: str, orders: list[dict[str, str]]) -> TestResponse:
        signatures = [
            {"order_id": one["id"], "signature": "0x" + self._sign(one["id"]).hex()}
            for one in orders
        ]
        path = f"/payments/{payment_id}/acceptance"
        return self.city.call("citizen", "POST", path, {"signatures": signatures})

    def _sign(self, order_id: str) -> bytes:
        return typed.sign(bytes.fromhex(order_id[2:]), self.key)


@pytest.fixture
def town(services: Services, signer: SignerClient) -> Iterator[Device]:
    """The owner's account is a device's; 30 cents of it are promised to a shop."""
    key = typed.new_key()
    with paying_city(services, signer) as city:
        made = recovering(city, key)
        mine = city.world.mine
        with services.database.transaction() as session:
            ledger.hold(
                session,
                address=mine.address,
                programme_id=mine.programme_id,
                amount_cents=30,
                reason="payment",
                reference=typed.keccak(made.email.encode()),
                now=services.clock.now(session),
            )
        yield Device(made.city, made.email, key)


def ripe(town: Device) -> UUID:
    case = proposed(town)
    town.city.post("officer-2", f"/recoveries/{case}/confirmation", {})
    town.age(hours=72)
    return case


def proposed(town: Device) -> UUID:
    said = {
        "known_by": town.email,
        "programme_id": str(town.city.world.programme.id),
        "new_address": typed.address_of(typed.new_key()),
        "seen": "papers",
    }
    return UUID(town.city.post("officer", "/recoveries/devices", said, status=201)["id"])


def refusal(town: Device, case: UUID, holds: int) -> str:
    with pytest.raises(Problem) as caught:
        town.city.world.signer.release(case, holds)
    return caught.value.code


def test_ripe_the_acceptor_signs_the_holds_and_the_chain_is_told_once(town: Device) -> None:
    case = ripe(town)
    assert town.rounds() == 1
    assert town.rounds() == 0
    [sent] = [row for row in town.outbox() if row.kind == "execute_recovery"]
    assert sent.payload["holds"] == 30
    struct = Release(chain_recovery_id(case), 30)
    acceptance = typed.acceptance_digest(DOMAIN, typed.digest(DOMAIN, struct))
    signature = bytes.fromhex(sent.payload["acceptor_signature"][2:])
    assert typed.recover(acceptance, signature) == town.city.world.signer.address_of("acceptor")


def test_the_signer_looks_for_itself(town: Device) -> None:
    case = proposed(town)
    assert refusal(town, case, 30) == "signer-order-refused"
    town.city.post("officer-2", f"/recoveries/{case}/confirmation", {})
    assert refusal(town, case, 30) == "signer-order-refused", "too early"
    town.age(hours=72)
    assert refusal(town, case, 0) == "signer-order-refused", "other holds"
    town.city.world.signer.release(case, 30)
    town.city.post("officer-3", f"/recoveries/{case}/objection")
    assert refusal(town, case, 30) == "signer-order-refused", "objected"
    assert refusal(town, UUID(int=7), 0) == "signer-order-refused"


def test_it_vouches_for_no_forward_of_an_account_in_use(town: Device) -> None:
    world = town.city.world
    struct = Forward(world.programme.chain_id, world.mine.address, 5, b"\1" * 32)
    with pytest.raises(Problem) as caught:
        world.signer.accept_forward(struct)
    assert caught.value.code == "signer-order-refused"


def test_a_thief_with_the_device_s_key_spends_nothing_from_a_blocked_wallet(
    town: Device,
) -> None:
    """The right signature of the right key: the acceptor doesn't countersign."""
    assert town.sign_and_pay(town.city.ask(100)["id"]).status_code == 200
    asked = town.city.ask(100)["id"]
    orders = town.city.get("citizen", f"/payments/{asked}/orders")["items"]
    assert town.press(town.link(town.email)) == 200, "the owner, with the letter about the payment"
    _back_in(town)
    answer = town.accept(asked, orders)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "wallet-blocked")
    with town.services.database.session() as session:
        mine = town.city.world.mine
        assert ledger.held(session, mine.address, mine.programme_id) == 130


def _back_in(town: Device) -> None:
    """The thief has the mail as well, and signs in again."""
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        owner = town.city.world.mine.person_id
        town.city.tokens["citizen"] = identity.open_session(session, owner, "api", now)


def test_what_the_city_keeps_comes_back_by_address_only(town: Device) -> None:
    with town.services.database.transaction() as session:
        session.get_one(Account, town.city.world.mine.id).wallet = WalletKind.CUSTODIAL
    said = {
        "known_by": town.email,
        "programme_id": str(town.city.world.programme.id),
        "new_address": typed.address_of(typed.new_key()),
        "seen": "card",
    }
    assert town.refused("officer", "/recoveries/devices", said) == "recovery-no-device"


def test_a_new_account_that_is_somebodys_is_refused(town: Device) -> None:
    said = {
        "known_by": town.email,
        "programme_id": str(town.city.world.programme.id),
        "new_address": town.city.world.other.address,
        "seen": "card",
    }
    assert town.refused("officer", "/recoveries/devices", said) == "recovery-account-used"
    said["new_address"] = typed.address_of(typed.new_key())
    theirs = town.city.world.other
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        session.add(
            AnnouncedMove(
                person_id=theirs.person_id,
                account_id=theirs.id,
                new_address=said["new_address"],
                asked_at=now,
                ready_at=now,
            )
        )
    assert town.refused("officer", "/recoveries/devices", said) == "recovery-account-used"
