"""One of everything, each somebody's own: what a stranger's negative tests reach for.

`made(services)` commits the whole and returns `Belongings`: by the name of a route's argument,
the values that stand for somebody else's objects, and the personal words that must never come out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import devices, keys, review
from app.actions.imports import links
from app.actions.models import ImportJob, ImportResult
from app.chain import typed
from app.db import uuid7
from app.identity import service as identity
from app.identity.models import (
    IdentityLevel,
    Organisation,
    OrganisationKind,
    Person,
    RoleGrant,
    SignInSession,
)
from app.impact.catalogue import catalogue
from app.merchants import bank_files, pay_outs, payments, settlement
from app.merchants.acceptance import accept_payment
from app.merchants.bank import Party
from app.merchants.closing import propose_closing
from app.merchants.models import (
    BankOrder,
    Merchant,
    Payment,
    PaymentOrder,
    PayOutLine,
)
from app.merchants.signing import Payer
from app.rewards import deeds, funding
from app.services import Services
from tests.support.city import City
from tests.support.shop import IBAN, Shop

EMAIL = "owner@belongings.example"
OBJECTION, LABEL, RIDER = "Objection-of-the-owner", "Label-of-the-owner", "rider-of-the-owner"
CITY_ACCOUNT = Party("Ville", "FR1420041010050500013M02606")


@dataclass
class Belongings:
    """`of[argument]`: somebody's objects; `words`: what only they and the city may read."""

    of: dict[str, list[str]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def put(self, argument: str, *values: object) -> None:
        self.of.setdefault(argument, []).extend(str(value) for value in values)


class _Maker:
    """Makes them in one transaction, by the use cases where there is one."""

    def __init__(self, session: Session, services: Services) -> None:
        self.session, self.now = session, services.clock.now(session).replace(microsecond=0)
        self.shop = Shop(session, self.now)
        self.city = City(session, self.now, wallets=self.shop.keys)  # type: ignore[arg-type]
        self.made = Belongings()
        self.programme = self.city.programme()
        self.owner = self._owner()
        self.clerk = self.city.clerk(self.city.organisation())
        self.officer = self.city.citizen()

    def _owner(self) -> Person:
        level = IdentityLevel.VERIFIED
        owner = identity.register_person(self.session, EMAIL, level=level, now=self.now)
        identity.open_session(self.session, owner.id, "browser", self.now)
        identity.open_session(self.session, owner.id, "api", self.now)
        mine = select(col(SignInSession.id)).where(col(SignInSession.person_id) == owner.id)
        self.made.put("session_id", *self.session.scalars(mine))
        self.made.words += [EMAIL, str(owner.id)]
        return owner

    def all(self) -> Belongings:
        self.deeds()
        self.attesters()
        self.partner()
        self.sales(self.shop.merchant(self.programme, fee=250))
        self.decisions()
        self.made.put("programme_id", self.programme.id)
        self.made.of |= {"who": ["citizen"], "name": ["nothing"], "filename": ["civis.css"]}
        self.session.flush()
        return self.made

    def deeds(self) -> None:
        """One that can still be undone, one refused, one refused and appealed against."""
        kinds = ("glass-recycling", "paper-recycling", "textile-collection")
        numbers = [catalogue().action_type(kind).number for kind in kinds]
        fresh, refused, appealed = (
            self.city.attest(self.clerk, self.owner.id, self.programme, action_type_id=number)
            for number in numbers
        )
        for one in (refused, appealed):
            deeds.refuse(
                self.session, one.id, reason="not-plausible", by=self.officer.id, now=self.now
            )
        whose, at = self.owner.id, self.now
        appeal = review.appeal(
            self.session, action_id=appealed.id, person_id=whose, text=OBJECTION, now=at
        )
        self.made.put("action_id", fresh.id, refused.id, appealed.id)
        self.made.put("appeal_id", appeal.id)
        self.made.words += [OBJECTION, fresh.account_address]

    def attesters(self) -> None:
        """Of the clerk's organisation: a certified key, one that waits, a device, a role."""
        body = self.clerk.organisation
        waiting = keys.ask_key(
            self.session,
            organisation=body,
            person_id=self.clerk.person_id,
            address=typed.address_of(typed.new_key()),
            scope=(),
            now=self.now,
        )
        device = self._device(body)
        grants = select(col(RoleGrant.id)).where(col(RoleGrant.person_id) == self.clerk.person_id)
        self.made.put("address", typed.address_of(self.clerk.key), waiting.address)
        self.made.put("device_id", device)
        self.made.put("grant_id", *self.session.scalars(grants))
        self.made.put("organisation_id", body.id)
        self.made.words += [str(self.clerk.person_id)]

    def _device(self, body: Organisation) -> UUID:
        new = devices.NewDevice("Scale", typed.address_of(typed.new_key()), ["food-waste-compost"])
        by, own = self.clerk.person_id, {"organisation": body, "catalogue": catalogue()}
        made = devices.enter_device(self.session, new, by=by, now=self.now, **own)  # type: ignore[arg-type]
        devices.confirm_device(self.session, made.id, by=self.officer.id, now=self.now)
        devices.issue_token(self.session, made, by=by, now=self.now)
        return made.id

    def partner(self) -> None:
        body = self.city.organisation(OrganisationKind.PARTNER).id
        job = ImportJob(
            organisation_id=body,
            programme_id=self.programme.id,
            created_at=self.now,
            finished_at=self.now,
            state="done",
        )
        self.session.add(job)
        self.session.add(ImportResult(job_id=job.id, row_number=1, result="accepted"))
        at = {"organisation_id": body, "now": self.now}
        code, _ = links.make_code(self.session, person_id=self.owner.id, **at)  # type: ignore[arg-type]
        linked = links.link_rider(self.session, rider_ref=RIDER, code=code, **at)  # type: ignore[arg-type]
        self.made.put("job_id", job.id)
        self.made.put("link_id", linked.id)
        self.made.words += [RIDER]

    def sales(self, merchant: Merchant) -> None:
        """Started by the owner, paid, and paid out; with all that the treasury makes of it."""
        account = identity.accounts_of(self.session, self.owner.id)[0]
        self.shop.balance(account.address, self.programme, 10_000)
        started = payments.start_payment(
            self.session,
            till_number=merchant.till_number,
            amount_cents=300,
            payer_id=self.owner.id,
            now=self.now,
        )
        paid, settled = self._paid(merchant, 400), self._paid(merchant, 500)
        self._settle(settled)
        self.made.put("payment_id", started.id, paid.id, settled.id)
        self.made.put("short_code", started.short_code, paid.short_code, settled.short_code)
        self.made.put("merchant_id", merchant.organisation_id)
        self.made.words += [LABEL, IBAN]
        self._paid_out(merchant)

    def _paid(self, merchant: Merchant, cents: int) -> Payment:
        payment = payments.request_payment(
            self.session,
            merchant_id=merchant.organisation_id,
            amount_cents=cents,
            label=LABEL,
            by=None,
            now=self.now,
        )
        return accept_payment(
            self.session,
            payer=Payer(self.owner.id, uuid7()),
            payment_id=payment.id,
            desk=self.shop.desk,
            now=self.now,
        )

    def _settle(self, payment: Payment) -> None:
        orders = select(PaymentOrder).where(col(PaymentOrder.payment_id) == payment.id)
        for order in self.session.scalars(orders):
            self.shop.balance(order.payer_address, self.programme, -order.amount_cents)
            self.shop.balance(order.payee_address, self.programme, order.amount_cents)
            settlement.order_executed(self.session, order.id, self.now)

    def _paid_out(self, merchant: Merchant) -> None:
        period = {"period": "2026-W48", "cut_off": self.now, "now": self.now}
        whose = {"merchant_id": merchant.organisation_id, "programme_id": self.programme.id}
        row = pay_outs.close_period(self.session, **whose, **period)  # type: ignore[arg-type]
        assert row is not None
        self.shop.balance(merchant.address, self.programme, -row.gross_cents)
        settlement.paid_out(self.session, row.reference, merchant.address, self.now)
        file = bank_files.make_bank_file(
            self.session, debtor=CITY_ACCOUNT, by=self.officer.id, now=self.now
        )
        order = self.session.scalars(select(BankOrder)).one()
        line = self.session.scalars(select(PayOutLine)).one()
        by = {"by": uuid7(), "now": self.now}
        correction = pay_outs.propose_correction(
            self.session,
            line_id=line.id,
            fee_cents=-1,
            reason="No fee agreed",
            **by,  # type: ignore[arg-type]
        )
        self.made.put("pay_out_id", row.id)
        self.made.put("file_id", file.id)
        self.made.put("order_id", order.id)
        self.made.put("end_to_end_id", order.end_to_end_id)
        self.made.put("line_id", line.id)
        self.made.put("correction_id", correction.id)

    def decisions(self) -> None:
        merchant_id = UUID(self.made.of["merchant_id"][0])
        proposal = propose_closing(
            self.session, merchant_id=merchant_id, by=self.officer.id, now=self.now
        )
        money = funding.propose_funding(
            self.session,
            self.programme,
            amount_cents=1000,
            bank_reference="TRANSFER-1",
            by=uuid7(),
            now=self.now,
        )
        self.made.put("proposal_id", proposal.id)
        self.made.put("funding_id", money.id)


def made(services: Services) -> Belongings:
    """Committed. Call once per database."""
    with services.database.transaction() as session:
        return _Maker(session, services).all()
