"""Contesting a card payment: not paid out meanwhile, given back if two officers uphold it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from app.chain.signer import SignerClient
from app.governance.models import Proposal, ProposalState
from app.identity import service as identity
from app.identity.models import Role, RoleGrant, SignInSession
from app.identity.tokens import token_hash
from app.merchants.contest_models import Contest
from app.merchants.contests import refund_upheld, upheld_contests
from app.merchants.models import Payment, Refund
from app.merchants.pay_outs import close_period
from app.merchants.wiring import contest_desk
from app.services import Services
from tests.support.card_till import Till, card_till
from tests.support.cards import signed_in
from tests.support.signer_world import code


@pytest.fixture
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


def paid_out(till: Till, period: str, later: timedelta = timedelta()) -> int:
    """What the shop's pay-out of now comes to, in cents."""
    with till.services.database.transaction() as session:
        now = till.services.clock.now(session) + later
        made = close_period(
            session,
            merchant_id=till.shop,
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


def worker_round(till: Till, signer: SignerClient, contest_id: str) -> bool:
    """What the job does with one contest, if its refund is due."""
    parts = replace(till.services, signer=signer)
    with parts.database.transaction() as session:
        if UUID(contest_id) not in upheld_contests(session):
            return False
        now: datetime = parts.clock.now(session)
        return refund_upheld(session, UUID(contest_id), desk=contest_desk(parts), now=now)


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
    assert worker_round(till, signer, made["id"])
    assert not worker_round(till, signer, made["id"])
    with till.services.database.session() as session:
        [refund] = session.scalars(
            select(Refund).where(col(Refund.payment_id) == UUID(made["payment_id"]))
        )
        assert refund.amount_cents == 320
    assert paid_out(till, "2026-W49", timedelta(days=30)) == 0
    view = till.city.get("till", "/till/payments")["items"][0]
    assert (view["contest"], view["refunded_cents"]) == ("upheld", 320)


def test_one_officer_or_a_forged_row_gets_no_refund_signed(
    till: Till, signer: SignerClient
) -> None:
    """The signer looks for both officers itself."""
    made = contest(till, till.paid(320))
    with till.services.database.transaction() as session:
        at = till.services.clock.now(session)
        forged = update(Contest).where(col(Contest.id) == UUID(made["id"]))
        session.execute(forged.values(state="upheld", decided_at=at))
    assert code(lambda: worker_round(till, signer, made["id"])) == "signer-order-refused"
    with till.services.database.transaction() as session:
        decided = Proposal(
            kind="contest",
            subject=made["id"],
            payload={"upheld": True},
            state=ProposalState.CONFIRMED,
            proposed_by=till.card.person_id,
            proposed_at=at,
            decided_by=till.city.world.mine.person_id,
            decided_at=at,
        )
        session.add(decided)
    assert code(lambda: worker_round(till, signer, made["id"])) == "signer-not-owner"


def test_refunds_of_others_leave_what_is_contested(till: Till) -> None:
    """Else a shop could give it to a friend, and the holder would get nothing back."""
    before = till.city.ask(300)["id"]
    till.city.post("citizen", f"/payments/{before}/acceptance")
    till.city.settle(before)
    paid_out(till, "2026-W40")  # burned later; held now
    till.paid(320)
    refused = till.city.call("till", "POST", f"/payments/{before}/refunds", {"amount_cents": 300})
    assert refused.get_json()["code"] == "payee-balance-too-low"


def test_what_can_be_contested(till: Till) -> None:
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
        till.city.tokens["holder"] = identity.open_session(session, till.card.person_id, "api", now)
    body = {"reason": "nothing-received"}
    till.city.post("holder", f"/payments/{charged}/contest", body, status=201)
    assert [one["payment_id"] for one in till.city.get("officer", "/contests")["items"]]


def test_who_works_for_the_shop_decides_nothing(till: Till) -> None:
    made = contest(till, till.paid(320))
    token = signed_in(till.services, Role.OFFICER)
    till.city.tokens["baker"] = token
    with till.services.database.transaction() as session:
        person = session.scalars(
            select(col(SignInSession.person_id)).where(
                col(SignInSession.token_hash) == token_hash(token)
            )
        ).one()
        now = till.services.clock.now(session)
        session.add(
            RoleGrant(
                person_id=person, role=Role.MERCHANT, organisation_id=till.shop, valid_from=now
            )
        )
    path = f"/contests/{made['id']}/decision"
    refused = till.city.call("baker", "POST", path, {"upheld": False})
    assert refused.get_json()["code"] == "second-person-needed"
