"""A payment above the signer's limit: the page and the program ask for a proof, then pay once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from uuid import uuid4

import pytest

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.people import set_email
from app.identity.sessions import prove
from app.services import Services
from tests.support.paying import City, paying_city
from tests.support.signer import running_signer, write_deployment


@pytest.fixture(scope="module")
def signer(services: Services) -> Iterator[SignerClient]:
    write_deployment(services.settings)
    with running_signer(services.settings, {"SIGNER_STEP_UP_CENTS": "300"}) as opened:
        yield opened


@pytest.fixture
def city(services: Services, signer: SignerClient) -> Iterator[City]:
    with paying_city(services, signer) as made:
        yield made


def _prove(city: City) -> None:
    """As after a code or a passkey."""
    with city.world.services.database.transaction() as session:
        now = city.world.services.clock.now(session)
        live = identity.find_session(session, city.tokens["citizen"], now)
        assert live is not None
        city.tokens["citizen"] = prove(session, live.id, now)


def test_a_program_confirms_and_pays_with_the_new_token(city: City) -> None:
    path = f"/payments/{city.ask(320)['id']}/acceptance"
    refused = city.call("citizen", "POST", path, {})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "step-up-needed")
    assert city.get("citizen", "/me/balance")["available_cents"] == 1000, "nothing is held"
    _prove(city)
    assert city.post("citizen", path, {})["state"] == "accepted"


def test_up_to_the_limit_nobody_is_asked(city: City) -> None:
    path = f"/payments/{city.ask(300)['id']}/acceptance"
    assert city.post("citizen", path, {})["state"] == "accepted"


def test_the_page_asks_for_a_proof_and_keeps_the_payment(city: City) -> None:
    with city.world.services.database.transaction() as session:  # who has none gets no code
        set_email(session, city.world.mine.person_id, f"{uuid4().hex}@city.example")
    city.client.set_cookie("civis", city.tokens["citizen"])
    path = f"/pay/{city.ask(320)['id']}"
    page = city.client.get(path).text
    form = re.search(r'<form method="post" action="[^"]+/acceptance".*?</form>', page, re.S)
    assert form
    hidden = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[0]))
    asked = city.client.post(f"{path}/acceptance", data=hidden, headers={"Accept-Language": "en"})
    assert (asked.status_code, "Confirm that it is you" in asked.text) == (403, True)
    kept = re.search(r'name="kept" value="([^"]+)"', asked.text)
    assert kept
    assert f"{path}/acceptance" in unescape(kept[1])
    assert hidden["idempotency_key"] in kept[1], "sent again it is the same payment"
