"""One of everything, each somebody's own: what a stranger's negative tests reach for.

`made(services)` commits the whole and returns `Belongings`: by the name of a route's argument,
the values that stand for somebody else's objects, and the personal words that must never come out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import device_tokens, devices, keys, review
from app.actions.imports import links
from app.actions.models import ImportJob, ImportResult
from app.chain import typed
from app.db import uuid7
from app.identity import service as identity
from app.identity.ages import AgeBand
from app.identity.models import (
    IdentityLevel,
    Organisation,
    OrganisationKind,
    Person,
    Role,
    RoleGrant,
    SignInSession,
)
from app.identity.stations import badges, shifts
from app.identity.stations import service as stations
from app.impact.catalogue import catalogue
from app.merchants.closing import propose_closing
from app.rewards.money import funding
from app.rewards.money.transfer_models import MoneyReturn
from app.rewards.valuing import deeds
from app.rights import disclosures
from app.services import Services
from tests.support.city import City
from tests.support.own_rights import (
    NEW_EMAIL,
    PASSKEY,
    REFERENCE,
    REPRESENTATIVE,
    WORD,
    OwnRights,
)
from tests.support.shop import IBAN, Shop
from tests.support.sold import HOSTILE, Sold

EMAIL = "owner@belongings.example"
OBJECTION = f"Objection-of-the-owner {HOSTILE}"
RIDER = "rider-of-the-owner"
STUDY = "Study-of-the-partner"
STATION = "Station-of-the-owner"


@dataclass
class Belongings:
    """`of[argument]`: somebody's objects, also some that no address names; `words`: what only they
    and the city may read; `tokens` by role: of the owner and of who works where the objects are.
    """

    of: dict[str, list[str]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

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
        owner.age_band = AgeBand.ADULT
        token = identity.open_session(self.session, owner.id, "browser", self.now)
        self.made.tokens |= {"citizen": token, "signed-in": token}
        mine = select(col(SignInSession.id)).where(col(SignInSession.person_id) == owner.id)
        self.made.put("session_id", *self.session.scalars(mine))
        self.made.words += [EMAIL, str(owner.id)]
        return owner

    def signed_in(self, name: str, role: Role, organisation_id: UUID) -> None:
        """Somebody who works there."""
        person, now = self.city.citizen().id, self.now
        of = {"organisation_id": organisation_id, "now": now}
        identity.grant_role(self.session, person_id=person, role=role, **of)  # type: ignore[arg-type]
        self.made.tokens[name] = identity.open_session(self.session, person, "browser", now)

    def all(self) -> Belongings:
        self.deeds()
        self.attesters()
        self.partner()
        self.sales()
        self.decisions()
        self.rights()
        self.station()
        self.made.put("programme_id", self.programme.id)
        self.made.of |= {"version": ["1"], "kind": ["calendar"]}
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
        self.made.put("visit", self.city.visit(self.clerk, whose, self.programme).subject.hex())
        self.made.words += ["Objection-of-the-owner", fresh.account_address]

    def attesters(self) -> None:
        """Of the clerk's organisation: a certified key, one that waits, a device, a role."""
        body = self.clerk.organisation
        self.signed_in("attester_admin", Role.ATTESTER_ADMIN, body.id)
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
        device_tokens.issue_token(self.session, made, by=by, now=self.now)
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
        code, unused = (
            links.make_code(self.session, person_id=self.owner.id, **at)[0]  # type: ignore[arg-type]
            for _ in range(2)
        )
        linked = links.link_rider(self.session, rider_ref=RIDER, code=code, **at)  # type: ignore[arg-type]
        self.made.put("job_id", job.id)
        self.made.put("link_id", linked.id)
        self.made.put("link_code", unused)
        disclosure = disclosures.ask(
            self.session, purpose="research", organisation_id=body, fields=["actions"],
            study=STUDY, by=self.owner.id, now=self.now,
        )  # fmt: skip
        self.made.put("disclosure_id", disclosure.id)
        self.made.words += [RIDER, STUDY]

    def sales(self) -> None:
        merchant = self.shop.merchant(self.programme, fee=250)
        account = identity.accounts_of(self.session, self.owner.id)[0]
        self.shop.balance(account.address, self.programme, 10_000)
        sold = Sold(self.shop, self.programme, merchant, self.owner.id)
        for argument, values in sold.all(by=self.officer.id).items():
            self.made.put(argument, *values)
        self.made.words += [sold.LABEL_WORD, IBAN]
        self.signed_in("merchant", Role.MERCHANT, merchant.organisation_id)

    def decisions(self) -> None:
        merchant_id = UUID(self.made.of["merchant_id"][0])
        by, now = self.officer.id, self.now
        proposal = propose_closing(self.session, merchant_id=merchant_id, by=by, now=now)
        sent: dict[str, Any] = {"amount_cents": 1000, "bank_reference": "TRANSFER-1"}
        money = funding.propose_funding(self.session, self.programme, **sent, by=uuid7(), now=now)
        self.made.put("proposal_id", proposal.id)
        self.made.put("funding_id", money.id)
        self.made.put("return_id", self._return().id)
        self.made.put("slug", self.programme.slug)

    def _return(self) -> MoneyReturn:
        """As if a season had ended."""
        row = MoneyReturn(
            programme_id=self.programme.id,
            amount_cents=1000,
            bank_reference="RETURN-1",
            proposed_by=uuid7(),
            proposed_at=self.now,
        )
        self.session.add(row)
        self.session.flush()
        return row

    def rights(self) -> None:
        own = OwnRights(self.session, self.now, self.owner.id, EMAIL, self.officer.id)
        for argument, values in own.all().items():
            self.made.put(argument, *values)
        self.made.words += [WORD, PASSKEY, NEW_EMAIL, REFERENCE, REPRESENTATIVE]

    def station(self) -> None:
        """Of the clerk's organisation, with the clerk's badge and a shift of theirs."""
        body, clerk, now = self.clerk.organisation.id, self.clerk.person_id, self.now
        row, _ = stations.enrol(self.session, body, name=STATION, by=clerk, now=now)
        badge = badges.make_badge(self.session, clerk, body, "2580", now)
        shifts.open_shift(self.session, row.id, shifts.Typed(badge=badge.badge), now)
        self.made.put("station_id", row.id)
        self.made.put("badge_id", badge.row.id)
        self.made.words += [STATION]


def made(services: Services) -> Belongings:
    """Committed. Call once per database."""
    with services.database.transaction() as session:
        return _Maker(session, services).all()
