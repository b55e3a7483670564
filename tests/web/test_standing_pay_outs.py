"""A shop reads that its closed pay-out waits until our books agree with the chain, and when not."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from app.chain.signer import SignerClient
from app.merchants.models import PayOut, PayOutState
from app.reporting.completeness.models import CompletenessProof
from app.services import Services
from tests.support.paying import City, paying_city

SENTENCES = {
    "en": "What is closed here waits: our books and the shared register don’t agree. The city has",
    "fr": "nos livres et le registre partagé ne concordent pas. La ville est prévenue",
}


@pytest.fixture
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        yield made


def _proof(city: City, *, holds: bool) -> None:
    with city.world.services.database.transaction() as session:
        proof = CompletenessProof(
            at=city.world.services.clock.now(session),
            block_number=7,
            block_hash=bytes(32),
            whole=True,
            holds=holds,
            accounts=1,
            difference=None if holds else "balance of 0x12: ours 1, the chain's 2",
            artefact="completeness-7.json",
            sha256=bytes(32),
        )
        session.add(proof)


def _pay_out(city: City, state: PayOutState) -> None:
    with city.world.services.database.transaction() as session:
        now = city.world.services.clock.now(session)
        row = PayOut(
            merchant_id=city.world.shop.organisation_id,
            programme_id=city.world.programme.id,
            period=f"2026-{state.value}",
            cut_off=now,
            reference=secrets.token_bytes(32),
            gross_cents=320,
            fee_cents=0,
            net_cents=320,
            state=state,
            created_at=now,
        )
        session.add(row)


def _says(city: City) -> list[bool]:
    """In each language."""
    said = []
    for language, sentence in SENTENCES.items():
        headers = {"Authorization": f"Bearer {city.tokens['till']}", "Accept-Language": language}
        page = city.client.get("/till/pay-outs", headers=headers)
        assert page.status_code == 200
        assert "balance of" not in page.text, "what differs is the city's to read"
        said.append(sentence in page.text.replace("\xa0", " "))
    return said


def test_a_closed_pay_out_that_waits_for_our_books_says_so(city: City) -> None:
    _proof(city, holds=False)
    _pay_out(city, PayOutState.ORDERED)
    assert _says(city) == [False, False], "nothing of this shop waits for it"
    _pay_out(city, PayOutState.CLOSED)
    assert _says(city) == [True, True]
    _proof(city, holds=True)
    assert _says(city) == [False, False]
