"""What the demo's pages say to type, and its mail folder, hold at the moment they are used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.application import build
from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.cards import service as cards
from app.identity.cards.demo import DEMO_CARDS
from app.identity.cards.numbers import in_groups
from app.identity.models import IdentityLevel
from app.services import Services
from app.web.vouching.clerk_view import TOUR_CITIZEN
from tests.support.cards import PIN, held
from tests.support.town import Town
from tests.web.test_forms_again import send

START = datetime(2026, 11, 1, 8, tzinfo=UTC)


@pytest.fixture
def demo(services: Services, signer: SignerClient, tmp_path: Path) -> Iterator[FlaskClient]:
    mail = replace(services.settings.mail, folder=tmp_path)
    settings = replace(services.settings, demo=True, mail=mail)
    with build(
        settings, parts=replace(services, settings=settings, signer=signer)
    ).test_client() as made:
        yield made


def test_a_card_that_is_closed_is_proposed_no_more(
    demo: FlaskClient, town: Town, services: Services, signer: SignerClient
) -> None:
    demo.set_cookie("civis", town.tokens["officer"])
    assert "somebody shows the card" not in demo.get("/counter?lang=en").text
    with services.database.transaction() as session:
        now = services.clock.now(session)
        batch = cards.make_batch(session, count=3, by=None, now=now)
        cards.make_cards(session, batch, DEMO_CARDS, signer=signer, now=now, simulated=True)
    assert send(demo, "/counter", card_number=DEMO_CARDS[0])[0] == 303
    path = send(demo, "/counter", card_number=DEMO_CARDS[0])[2]
    assert send(demo, f"{path}/pin", pin=PIN, pin_again=PIN)[0] == 303
    told = demo.get("/counter?lang=en").text
    assert f"somebody shows the card {in_groups(DEMO_CARDS[0])}." in told
    assert in_groups(DEMO_CARDS[1]) in told.partition("on your pile lie")[2]
    with services.database.transaction() as session:
        now, person = services.clock.now(session), held(services, DEMO_CARDS[0]).person_id
        cards.block_rows(session, person, by=None, now=now)
    told = demo.get("/counter?lang=en").text
    assert in_groups(DEMO_CARDS[0]) not in told
    assert in_groups(DEMO_CARDS[1]) in told


def test_the_tour_s_numbers_are_those_of_now(
    demo: FlaskClient, town: Town, services: Services, signer: SignerClient
) -> None:
    with services.database.transaction() as session:
        level, now = IdentityLevel.CONTACT, services.clock.now(session)
        identity.register_person(session, TOUR_CITIZEN, level=level, now=now)
    demo.set_cookie("civis", town.tokens["clerk"])
    page = demo.get("/attest?lang=en").text
    assert "Type both numbers for me" in page.partition('name="tour"')[2]
    assert 'type="hidden" name="time_code"' not in page, "it would be old on a page left open"
    assert send(demo, "/attest/citizen", tour="yes")[0] == 303
    settings = replace(services.settings, demo=False)
    parts = replace(services, settings=settings, signer=signer)
    with build(settings, parts=parts).test_client() as elsewhere:
        elsewhere.set_cookie("civis", town.tokens["clerk"])
        assert "Type both numbers for me" not in elsewhere.get("/attest?lang=en").text
        refused = send(elsewhere, "/attest/citizen", tour="yes")
        assert (refused[0], "Number or code is wrong" in refused[1]) == (422, True), refused


def test_the_mail_folder_is_read_by_address_and_in_pages(demo: FlaskClient, tmp_path: Path) -> None:
    for number in range(53):
        written(tmp_path, number, "citizen@demo.example" if number == 0 else "many@city.example")
    first = demo.get("/mail?lang=en").text
    assert "Letter 52." in first
    assert "Letter 2." not in first
    assert "1 Nov 2026, 09:52" in first, "as pages write times"
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    last = demo.get(older).text
    assert "Letter 2." in last
    assert "Letter 52." not in last
    own = demo.get("/mail?to=Citizen").text
    assert "Letter 0." in own
    assert "many@city.example" not in own
    assert "No such letter" in demo.get("/mail?to=nobody").text


def written(folder: Path, number: int, to: str) -> None:
    at, letter = START + timedelta(minutes=number), EmailMessage()
    letter["To"], letter["Subject"], letter["Date"] = to, f"Letter {number}.", format_datetime(at)
    letter.set_content("Hello")
    (folder / f"{at:%Y%m%dT%H%M%S}-{number}.eml").write_bytes(bytes(letter))
