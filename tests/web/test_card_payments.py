"""Paying by card at a till, and contesting it: once, with the right PIN, by a payee alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.card_numbers import new_number
from app.identity.models import Account, Role
from app.merchants.card_charges import WRONG_PER_TILL
from app.merchants.contests import refund_upheld, upheld_contests
from app.merchants.models import Merchant, Payment, PaymentOrder, PayOutLine, Refund
from app.merchants.pay_outs import close_period
from app.merchants.wiring import contest_desk
from app.rewards.ledger import available
from app.services import Services
from tests.support.cards import PIN, Held, printed, signed_in, till_of
from tests.support.paying import City, paying_city
from tests.support.shop import Shop
from tests.support.signer_world import shop_of

HAS = 1000


@dataclass
class Till:
    """A city with an active card that holds ten tokens."""

    city: City
    card: Held
    account: Account
    visit: str

    @property
    def services(self) -> Services:
        return self.city.world.services

    def charge(self, asked: str, who: str = "till", key: str = "", **said: str) -> tuple[int, Any]:
        body = {"card_number": self.card.number, "pin": PIN} | said
        answer = self.city.call(who, "POST", f"/payments/{asked}/card-charge", body, key)
        return answer.status_code, answer.get_json()

    def paid(self, cents: int = 320) -> str:
        """A settled charge."""
        asked = str(self.city.ask(cents)["id"])
        status, answer = self.charge(asked)
        assert status == 200, answer
        self.city.settle(asked)
        return asked

    def left(self) -> int:
        with self.services.database.session() as session:
            return available(session, self.account.address)

    def count(self, table: type) -> int:
        with self.services.database.session() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with paying_city(services, signer) as city:
        [card] = printed(services, signer)
        with services.database.transaction() as session:
            now = services.clock.now(session)
            account = identity.account_for(
                session, card.person_id, city.world.programme.id, signer=signer, now=now
            )
            Shop(session, now).balance(account.address, city.world.programme, HAS)
        visit = city.post(
            "officer", "/counter/visits/by-card", {"card_number": card.number}, status=201
        )["id"]
        city.post("officer", f"/counter/visits/{visit}/pin", {"pin": PIN})
        yield Till(city, card, account, visit)


def test_a_charge_pays_and_says_what_is_left(till: Till) -> None:
    asked = till.city.ask(320)["id"]
    status, answer = till.charge(asked)
    assert (status, answer["balance_cents"]) == (200, HAS - 320)
    assert answer["payment"]["state"] == "accepted"
    assert till.left() == HAS - 320


def test_what_a_till_learns_names_nobody(till: Till) -> None:
    """Neither person, card, account nor anything that another shop's answer has too."""
    first, second = (till.charge(till.city.ask(100)["id"])[1]["payment"] for _ in range(2))
    shared = {key for key in first if first[key] == second[key] and first[key] is not None}
    assert shared == {
        "shop", "amount_cents", "label", "state", "refunded_cents", "refundable_cents",
    }  # fmt: skip
    said = str(first)
    for secret in (till.card.person_id, till.account.address, till.account.id, till.card.number):
        assert str(secret) not in said


def test_sent_again_it_pays_once_and_says_no_balance_without_the_pin(till: Till) -> None:
    asked, key = till.city.ask(320)["id"], str(uuid4())
    first = till.charge(asked, key=key)
    assert till.charge(asked, key=key) == first
    status, again = till.charge(asked)
    assert (status, again["balance_cents"]) == (200, None)
    assert till.charge(asked, pin="9999")[1]["balance_cents"] is None
    assert till.left() == HAS - 320
    with till.services.database.session() as session:
        orders = select(func.count()).where(col(PaymentOrder.payment_id) == UUID(asked))
        assert session.scalar(orders) == 1


def test_a_wrong_pin_pays_nothing(till: Till) -> None:
    asked = till.city.ask(320)["id"]
    assert till.charge(asked, pin="2581")[1]["code"] == "card-or-pin-wrong"
    assert till.charge(asked, card_number=new_number())[1]["code"] == "card-or-pin-wrong"
    assert till.left() == HAS
    assert till.charge(asked)[0] == 200


def test_a_till_cant_try_pins_or_numbers_without_limit(till: Till) -> None:
    asked = till.city.ask(320)["id"]
    codes = [till.charge(asked, card_number=new_number())[1]["code"] for _ in range(WRONG_PER_TILL)]
    assert set(codes) == {"card-or-pin-wrong"}
    assert till.charge(asked)[1]["code"] == "card-too-many-tries"


def test_five_wrong_pins_at_any_tills_block_the_pin(till: Till) -> None:
    asked = till.city.ask(320)["id"]
    assert {till.charge(asked, pin=f"900{n}")[1]["code"] for n in range(5)} == {"card-or-pin-wrong"}
    assert till.charge(asked)[1]["code"] == "signer-card-pin-blocked"
    till.city.post("officer", f"/counter/visits/{till.visit}/pin", {"pin": "1470"})
    assert till.charge(asked, pin="1470")[0] == 200


def test_only_the_shop_that_asked_may_charge(till: Till, signer: SignerClient) -> None:
    asked = till.city.ask(320)["id"]
    assert till.charge(asked, "officer")[0] == 403
    assert till.charge(asked, "citizen")[0] == 403
    with till.services.database.transaction() as session:
        now = till.services.clock.now(session)
        other = shop_of(session, signer, now)
    till.city.tokens["elsewhere"] = till_of(till.services, other)
    assert till.charge(asked, "elsewhere")[0] == 404
    with till.services.database.transaction() as session:
        closing = update(Merchant).where(col(Merchant.organisation_id) == _shop(till))
        session.execute(closing.values(state="closing"))
    assert till.charge(asked)[1]["code"] == "payee-not-active"
    assert till.left() == HAS


def _shop(till: Till) -> UUID:
    return till.city.world.shop.organisation_id


def test_more_than_the_card_holds_or_may_is_refused_whole(till: Till) -> None:
    assert till.charge(till.city.ask(HAS + 1)["id"])[1]["code"] == "balance-too-low"
    with till.services.database.transaction() as session:
        now = till.services.clock.now(session)
        Shop(session, now).balance(till.account.address, till.city.world.programme, 9000)
    assert till.charge(till.city.ask(3001)["id"])[1]["code"] == "signer-card-payment-ceiling"
    assert till.left() == HAS + 9000


def test_a_card_that_is_made_blocked_or_replaced_pays_nothing(
    till: Till, signer: SignerClient
) -> None:
    made, new = printed(till.services, signer, 2)
    asked = till.city.ask(320)["id"]
    assert till.charge(asked, card_number=made.number)[1]["code"] == "card-not-active"
    till.city.post("officer", f"/counter/visits/{till.visit}/block")
    assert till.charge(asked)[1]["code"] == "card-ended"
    given = {"card_number": new.number, "pin": "1470"}
    till.city.post("officer", f"/counter/visits/{till.visit}/card", given)
    status, answer = till.charge(asked, card_number=new.number, pin="1470")
    assert (status, answer["balance_cents"]) == (200, HAS - 320)
    assert till.charge(asked)[1]["code"] == "card-ended"


def test_nobody_charges_a_card_of_their_own_at_their_till(till: Till) -> None:
    with till.services.database.transaction() as session:
        identity.grant_role(
            session,
            person_id=till.card.person_id,
            role=Role.MERCHANT,
            organisation_id=_shop(till),
            now=till.services.clock.now(session),
        )
    assert till.charge(till.city.ask(320)["id"])[1]["code"] == "payment-own-till"


# --- contests


def paid_out(till: Till, period: str, later: timedelta = timedelta()) -> int:
    """What the shop's pay-out of now comes to, in cents."""
    with till.services.database.transaction() as session:
        now = till.services.clock.now(session) + later
        made = close_period(
            session,
            merchant_id=_shop(till),
            programme_id=till.city.world.programme.id,
            period=period,
            cut_off=now,
            now=now,
        )
        return made.gross_cents if made else 0


def contest(till: Till, payment: str, status: int = 201) -> dict[str, Any]:
    body = {"payment_id": payment, "reason": "not-mine"}
    made: dict[str, Any] = till.city.post(
        "officer", f"/counter/visits/{till.visit}/contests", body, status=status
    )
    return made


def decide(till: Till, contest_id: str, *, upheld: bool) -> None:
    path = f"/contests/{contest_id}/decision"
    proposal = till.city.post("officer", path, {"upheld": upheld}, status=201)["id"]
    confirmation = f"/proposals/{proposal}/confirmation"
    assert till.city.call("officer", "POST", confirmation).status_code == 403
    till.city.post("officer-2", confirmation)


def worker_round(till: Till, signer: SignerClient) -> int:
    """What the job does."""
    from dataclasses import replace

    parts = replace(till.services, signer=signer)
    with parts.database.session() as session:
        due = upheld_contests(session)
    for each in due:
        with parts.database.transaction() as session:
            now: datetime = parts.clock.now(session)
            refund_upheld(session, each, desk=contest_desk(parts), now=now)
    return len(due)


def test_a_card_payment_is_paid_out_after_ten_days(till: Till) -> None:
    till.paid(320)
    assert paid_out(till, "2026-W48", timedelta(days=9, hours=23)) == 0
    assert paid_out(till, "2026-W49", timedelta(days=10, minutes=5)) == 320


def test_while_contested_it_is_not_paid_out_and_dismissed_it_is(till: Till) -> None:
    made = contest(till, till.paid(320))
    later = timedelta(days=30)
    assert paid_out(till, "2026-W48", later) == 0
    decide(till, made["id"], upheld=False)
    assert paid_out(till, "2026-W49", later) == 320


def test_upheld_the_holder_has_the_money_back_and_the_shop_nothing(
    till: Till, signer: SignerClient
) -> None:
    made = contest(till, till.paid(320))
    decide(till, made["id"], upheld=True)
    assert paid_out(till, "2026-W48", timedelta(days=30)) == 0  # the refund is still due
    assert worker_round(till, signer) == 1
    assert worker_round(till, signer) == 0
    with till.services.database.session() as session:
        [refund] = session.scalars(
            select(Refund).where(col(Refund.payment_id) == UUID(made["payment_id"]))
        )
        assert refund.amount_cents == 320
    assert paid_out(till, "2026-W49", timedelta(days=30)) == 0
    [view] = [one for one in till.city.get("till", "/till/payments")["items"]][:1]
    assert (view["contest"], view["refunded_cents"]) == ("upheld", 320)


def test_one_officer_or_a_forged_row_gets_no_refund_signed(
    till: Till, signer: SignerClient
) -> None:
    """The signer looks for both officers itself."""
    made = contest(till, till.paid(320))
    with till.services.database.transaction() as session:
        from app.merchants.contest_models import Contest

        forged = update(Contest).where(col(Contest.id) == UUID(made["id"]))
        session.execute(forged.values(state="upheld", decided_at=till.services.clock.now(session)))
    worker_round(till, signer)
    assert till.count(Refund) == 0 or not _refunds_of(till, made["payment_id"])


def _refunds_of(till: Till, payment: str) -> list[Refund]:
    with till.services.database.session() as session:
        query = select(Refund).where(col(Refund.payment_id) == UUID(payment))
        return list(session.scalars(query))


def test_refunds_of_others_leave_what_is_contested(till: Till) -> None:
    """Else a shop could give it to a friend, and the holder would get nothing back."""
    before = till.city.ask(300)["id"]
    till.city.post("citizen", f"/payments/{before}/acceptance")
    till.city.settle(before)
    paid_out(till, "2026-W40")  # burned later; held now
    till.paid(320)
    refused = till.city.call("till", "POST", f"/payments/{before}/refunds", {"amount_cents": 300})
    assert refused.get_json()["code"] == "payee-balance-too-low"


def test_what_can_be_contested(till: Till, signer: SignerClient) -> None:
    by_session = till.city.ask(100)["id"]
    till.city.post("citizen", f"/payments/{by_session}/acceptance")
    reason = {"reason": "not-mine"}
    own = till.city.call("citizen", "POST", f"/payments/{by_session}/contest", reason)
    assert own.get_json()["code"] == "contest-not-by-card"
    charged = till.paid(320)
    other = till.city.call("citizen", "POST", f"/payments/{charged}/contest", reason)
    assert other.status_code == 404
    assert contest(till, charged)["state"] == "open"
    again = {"payment_id": charged, "reason": "wrong-amount"}
    path = f"/counter/visits/{till.visit}/contests"
    assert till.city.call("officer", "POST", path, again).get_json()["code"] == "contest-exists"
    late = till.paid(100)
    with till.services.database.transaction() as session:
        over = till.services.clock.now(session)
        payment = update(Payment).where(col(Payment.id) == UUID(late))
        session.execute(payment.values(contestable_until=over))
    body = {"payment_id": late, "reason": "not-mine"}
    assert till.city.call("officer", "POST", path, body).get_json()["code"] == "contest-late"


def test_the_holder_with_a_page_contests_there(till: Till) -> None:
    charged = till.paid(320)
    with till.services.database.transaction() as session:
        now = till.services.clock.now(session)
        till.city.tokens["holder"] = identity.open_session(
            session, till.card.person_id, "api", now
        )
    body = {"reason": "nothing-received"}
    till.city.post("holder", f"/payments/{charged}/contest", body, status=201)
    assert [one["payment_id"] for one in till.city.get("officer", "/contests")["items"]]


def test_who_works_for_the_shop_decides_nothing(till: Till) -> None:
    made = contest(till, till.paid(320))
    token = signed_in(till.services, Role.OFFICER)
    till.city.tokens["baker"] = token
    with till.services.database.transaction() as session:
        from app.identity.models import RoleGrant, SignInSession
        from app.identity.sign_in import token_hash

        person = session.scalars(
            select(col(SignInSession.person_id)).where(
                col(SignInSession.token_hash) == token_hash(token)
            )
        ).one()
        now = till.services.clock.now(session)
        session.add(
            RoleGrant(
                person_id=person, role=Role.MERCHANT, organisation_id=_shop(till), valid_from=now
            )
        )
    path = f"/contests/{made['id']}/decision"
    refused = till.city.call("baker", "POST", path, {"upheld": False})
    assert refused.get_json()["code"] == "second-person-needed"
    assert till.count(PayOutLine) >= 0
