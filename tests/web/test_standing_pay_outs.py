"""A shop reads that its closed pay-out waits until our books agree with the chain, and when not."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.chain.signer import SignerClient
from app.merchants.bank import Party
from app.merchants.models import PayOut, PayOutState
from app.merchants.registration import confirm_bank_details, propose_bank_details
from app.reporting.completeness.models import CompletenessProof
from app.services import Services
from tests.support.paying import City, paying_city

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ACCOUNT = Party("Baker", "FR1420041010050500013M02606")
DIFFER = {
    "en": "What is closed here waits: our books and the shared register don’t agree. The city has",
    "fr": "nos comptes et le registre partagé ne concordent pas. La ville est prévenue",
}
UNPROVEN = {
    "en": "What is closed here waits until our books have been compared with the shared register.",
    "fr": "Ce qui est clos ici attend que nos comptes soient comparés au registre partagé.",
}

DOUBTED = {
    "en": "No euros go out until the city has confirmed your bank account anew",
    "fr": "Aucun euro n’est versé tant que la ville n’a pas confirmé de nouveau votre compte",
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
            period=f"2026-{secrets.token_hex(4)}",
            cut_off=now,
            reference=secrets.token_bytes(32),
            gross_cents=320,
            fee_cents=0,
            net_cents=320,
            state=state,
            created_at=now,
        )
        session.add(row)


def _says(city: City, words: dict[str, str]) -> list[bool]:
    """In each language."""
    said = []
    for language, sentence in words.items():
        headers = {"Authorization": f"Bearer {city.tokens['till']}", "Accept-Language": language}
        page = city.client.get("/till/pay-outs", headers=headers)
        assert page.status_code == 200
        assert "balance of" not in page.text, "what differs is the city's to read"
        said.append(sentence in page.text.replace("\xa0", " "))
    return said


def test_one_for_which_our_books_were_not_compared_yet_says_so(city: City) -> None:
    """With no node that answers, no proof can be taken: the shop reads what it waits for."""
    _pay_out(city, PayOutState.CLOSED)
    assert _says(city, UNPROVEN) == [True, True]
    _proof(city, holds=True)
    assert _says(city, UNPROVEN) == [False, False]
    _pay_out(city, PayOutState.CLOSED)
    assert _says(city, UNPROVEN) == [True, True], "the proof is older than what was closed since"
    _proof(city, holds=False)
    assert _says(city, UNPROVEN) == [False, False]
    assert _says(city, DIFFER) == [True, True]


def test_a_closed_pay_out_that_waits_for_our_books_says_so(city: City) -> None:
    _proof(city, holds=False)
    _pay_out(city, PayOutState.ORDERED)
    assert _says(city, DIFFER) == [False, False], "nothing of this shop waits for it"
    _pay_out(city, PayOutState.CLOSED)
    assert _says(city, DIFFER) == [True, True]
    _proof(city, holds=True)
    assert _says(city, DIFFER) == [False, False]
    assert _says(city, UNPROVEN) == [False, False]


def test_one_whose_account_a_restore_made_doubtful_says_what_must_be_done(city: City) -> None:
    shop = city.world.shop.organisation_id
    for when, doubted in ((NOW, True), (NOW + timedelta(days=1), False)):
        with city.world.services.database.transaction() as session:
            said = propose_bank_details(
                session, merchant_id=shop, account=ACCOUNT, by=None, now=when
            )
            confirm_bank_details(session, merchant_id=shop, by=None, now=when, seen=said.id)
            said.doubted_at = when if doubted else None
        assert _says(city, DOUBTED) == [doubted] * 2
