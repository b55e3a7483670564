"""A partner's desk in a browser: a file handed in, followed, told by row; a rider linked."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlmodel import col
from werkzeug.test import TestResponse

from app.actions.imports.jobs import run_import_jobs
from app.application import build as build_application
from app.chain.signer import SignerClient
from app.context import cookie_name
from app.identity import service as identity
from app.identity.models import KeyCustody, Organisation
from app.rewards.valuing.import_tools import tools_of
from app.services import Services
from app.session_cookie import COOKIE
from tests.support.bikes import Bikes, bike_operator
from tests.support.partner import table, trip
from tests.support.signer import running_signer, write_deployment


@pytest.fixture(scope="module")
def signer(services: Services) -> Iterator[SignerClient]:
    write_deployment(services.settings)
    with running_signer(services.settings) as client:
        yield client


@pytest.fixture
def bikes(services: Services, signer: SignerClient) -> Iterator[Bikes]:
    """Its key is kept by the server, which signs for it."""
    with bike_operator(services, signer) as operator:
        kept = {"key_address": signer.new_account(), "key_custody": KeyCustody.SERVER}
        own = col(Organisation.id) == operator.partner.organisation_id
        with services.database.transaction() as session:
            session.execute(update(Organisation).where(own).values(**kept))
        yield operator


@pytest.fixture
def desk(bikes: Bikes) -> FlaskClient:
    """The partner's browser, signed in; an application of its own shares no request's values."""
    application = build_application(parts=bikes.partner.services)
    with application.app_context():
        name = cookie_name(COOKIE)
    browser = application.test_client()
    browser.set_cookie(name, _browser_session(bikes))
    return browser


def _browser_session(bikes: Bikes) -> str:
    with bikes.partner.services.database.transaction() as session:
        now = bikes.partner.services.clock.now(session)
        found = identity.find_session(session, bikes.tokens["partner"], now)
        assert found is not None
        return identity.open_session(session, found.person_id, "browser", now)


def hidden(page: str) -> dict[str, str]:
    names = ("csrf_token", "idempotency_key")
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in names}
    return {name: match.group(1) for name, match in found.items() if match}


def hand_in(bikes: Bikes, desk: FlaskClient, content: bytes) -> TestResponse:
    form = hidden(desk.get("/imports?lang=en").get_data(as_text=True)) | {
        "programme_id": str(bikes.partner.programme_id),
        "action_type": "bike-trip",
        "time_zone": "Europe/Paris",
    }
    return desk.post("/imports", data={**form, "file": (io.BytesIO(content), "trips.csv")})


def test_a_file_is_handed_in_followed_and_told(bikes: Bikes, desk: FlaskClient) -> None:
    content = table(trip(bikes.partner, 3), trip(bikes.partner, 4, "r-9"), "short,row").encode()
    sent = hand_in(bikes, desk, content)
    assert sent.status_code == 303, sent.get_data(as_text=True)
    waiting = desk.get(sent.location).get_data(as_text=True)
    assert 'data-open="yes"' in waiting
    run_import_jobs(tools_of(bikes.partner.services, wallets=bikes.partner.services.signer))
    told = desk.get(sent.location).get_data(as_text=True)
    assert "All 3 rows were read" in told
    for words in ("in the daily sums", "not linked: not kept", "The row has another width."):
        assert words in told
    lines = desk.get(f"{sent.location}/results.ndjson").get_data(as_text=True).splitlines()
    assert len(lines) == 3
    assert sent.location in desk.get("/imports").get_data(as_text=True)


def test_more_than_a_form_may_hold_fits_in_a_file(bikes: Bikes, desk: FlaskClient) -> None:
    rows = [trip(bikes.partner, 3).replace("t-3", f"t-{n}") for n in range(20_000)]
    content = table(*rows).encode()
    assert len(content) > 1024**2
    assert hand_in(bikes, desk, content).status_code == 303


@pytest.mark.parametrize(
    ("content", "title", "detail"),
    [
        (b"", "The file holds no rows", ""),
        (b"trip_id;started_at\n1;2\n", "A column is not known", "trip_id;started_at"),
        (b"trip_id,started_at\n1,2\n", "A column is missing", "end_lat"),
        (table("\ud800").encode("utf-8", "surrogatepass"), "The file is not UTF-8 text", "line"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_in_words(
    bikes: Bikes, desk: FlaskClient, content: bytes, title: str, detail: str
) -> None:
    before = bikes.uploads()
    answer = hand_in(bikes, desk, content)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert title in page
    assert detail in page
    assert bikes.uploads() == before


def test_a_rider_is_linked_by_their_code(bikes: Bikes, desk: FlaskClient) -> None:
    organisation = {"organisation_id": str(bikes.partner.organisation_id)}
    code = bikes.call("rider", "POST", "/me/rider-link-codes", json=organisation).get_json()["code"]
    for given, status in (("WRONGCODE2", 422), (code, 303)):
        form = hidden(desk.get("/imports?lang=en").get_data(as_text=True))
        answer = desk.post("/imports/riders", data={**form, "rider_ref": "r-1", "code": given})
        assert answer.status_code == status
    assert "The rider is linked" in desk.get("/imports").get_data(as_text=True)
    [live] = bikes.call("rider", "GET", "/me/rider-links").get_json()["items"]
    assert live["organisation_id"] == organisation["organisation_id"]


def test_nobody_else_sees_a_partners_files(bikes: Bikes) -> None:
    stranger = bikes.client.application.test_client()
    assert "/sign-in" in stranger.get("/imports").location
    rider = {"Authorization": f"Bearer {bikes.tokens['rider']}"}
    assert stranger.get("/imports", headers=rider).status_code == 403


def test_a_partner_whose_own_key_signs_is_sent_to_the_command(
    bikes: Bikes, desk: FlaskClient
) -> None:
    own = col(Organisation.id) == bikes.partner.organisation_id
    with bikes.partner.services.database.transaction() as session:
        kept = {"key_custody": KeyCustody.BROWSER}
        session.execute(update(Organisation).where(own).values(**kept))
    page = desk.get("/imports?lang=en").get_data(as_text=True)
    assert "civis import trips.csv" in page
    assert 'type="file"' not in page
