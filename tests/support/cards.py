"""Paper cards of a test's city: printed, given out, in their holders' hands."""

from __future__ import annotations

import re
import secrets
import zlib
from dataclasses import dataclass
from uuid import UUID

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.cards import service as cards
from app.identity.cards.models import CardState
from app.identity.models import IdentityLevel, Role
from app.merchants.models import Merchant
from app.services import Services
from tests.support.staff import staff_session

PIN = "2580"


@dataclass(frozen=True)
class Held:
    """A card in somebody's hand: the number on it, and whose it is."""

    number: str
    person_id: UUID
    state: CardState


def printed(services: Services, signer: SignerClient, count: int = 1) -> list[Held]:
    """Fresh cards, committed."""
    with services.database.transaction() as session:
        now = services.clock.now(session)
        batch = cards.make_batch(session, count=count, by=None, now=now)
        numbers = cards.print_batch(session, batch.id, by=None, signer=signer, now=now)
    return [held(services, number) for number in numbers]


def held(services: Services, number: str) -> Held:
    with services.database.session() as session:
        card = cards.card_of_number(session, number)
        assert card is not None
        return Held(number, card.person_id, card.state)


def signed_in(services: Services, role: Role, organisation_id: UUID | None = None) -> str:
    """The token of a fresh person with this role."""
    with services.database.transaction() as session:
        now = services.clock.now(session)
        level = IdentityLevel.CONTACT
        address = f"{secrets.token_hex(6)}@city.example"
        person = identity.register_person(session, address, level=level, now=now)
        identity.grant_role(
            session, person_id=person.id, role=role, organisation_id=organisation_id, now=now
        )
        return staff_session(session, person.id, now)


def till_of(services: Services, shop: Merchant) -> str:
    """The token of somebody who works there."""
    return signed_in(services, Role.MERCHANT, shop.organisation_id)


def numbers_in(pdf: bytes) -> list[str]:
    """The numbers that a batch's file prints, on cards and stubs."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    plain = b"".join(_inflated(stream) for stream in streams)
    return [found.decode() for found in re.findall(rb"\((\w{4}(?:-\w{4}){3})\)", plain)]


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""
