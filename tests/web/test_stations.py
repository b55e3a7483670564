"""Shifts at a station: what they open, what they never open, and what each statement carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlmodel import col

from app.application import build
from app.chain.signer import SignerClient
from app.context import Application
from app.errors import Problem
from app.identity import service as identity
from app.identity.models import Role, SignInSession
from app.identity.tokens import token_hash
from app.services import Services
from tests.rules.route_list import COMMITTED
from tests.support.card_till import Till, card_till
from tests.support.cards import PIN as CARD_PIN
from tests.support.station import PIN, AtStation, administrator, at_station, person_of, press
from tests.support.town import Town

ENGLISH = {"Accept-Language": "en"}
SIGNED_IN = [
    (rule, method)
    for rule, method, auth, *_ in map(str.split, COMMITTED.read_text("utf-8").splitlines())
    if auth == "signed-in" and "<" not in rule and rule != "/api/v1/sign-out"
]


@pytest.fixture(scope="module")
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


@pytest.fixture(scope="module")
def station(till: Till) -> AtStation:
    return at_station(till.services, till.shop, person_of(till.services, till.city.tokens["till"]))


@pytest.fixture
def open_till(till: Till, station: AtStation) -> Till:
    """With a shift open at it, whose token is `shift`'s."""
    till.city.tokens["shift"] = station.shift(till.city.client)
    return till


@pytest.fixture(scope="module")
def pages(services: Services, signer: SignerClient) -> Application:
    """Another one: browsers of one application inside another's request would share its `g`."""
    return build(parts=replace(services, signer=signer))


@pytest.fixture
def browser(pages: Application, station: AtStation) -> FlaskClient:
    """The station's own, with nobody's shift."""
    client = pages.test_client()
    client.set_cookie("civis_station", station.token)
    return client


def test_the_signer_spends_nothing_of_its_person_s_in_a_shift(till: Till) -> None:
    """Though whoever took the web over asks it directly."""
    world, services = till.city.world, till.services
    with services.database.transaction() as session:
        who: dict[str, Any] = {"person_id": world.mine.person_id, "organisation_id": till.shop}
        now = services.clock.now(session)
        identity.grant_role(session, role=Role.MERCHANT, now=now, **who)
    own = at_station(services, till.shop, world.mine.person_id)
    token = own.shift(till.city.client)
    with pytest.raises(Problem, match="signer-not-owner"):
        world.sign(world.order(), token)
    assert world.sign(world.order()), "in a session of their own"
    with services.database.transaction() as session:
        hashed = col(SignInSession.token_hash) == token_hash(token)
        idle = services.clock.now(session) - timedelta(minutes=10)
        session.execute(update(SignInSession).where(hashed).values(last_seen_at=idle))
    with pytest.raises(Problem, match="signer-no-session"):
        world.sign(world.order(), token)


def test_every_statement_at_a_till_carries_person_and_station(
    open_till: Till, station: AtStation
) -> None:
    city, before = open_till.city, len(station.statements())
    asked = city.post("shift", "/payments", {"amount_cents": 320}, status=201)["id"]
    status, answer = open_till.charge(asked, "shift")
    assert (status, answer["balance_cents"]) == (200, open_till.left())
    assert open_till.charge(asked, "shift")[0] == 200, "again, and nothing new is said"
    city.settle(asked)
    refund = f"/payments/{asked}/refunds"
    [back] = city.post("shift", refund, {"amount_cents": 20}, status=201)["items"]
    assert station.statements()[before:] == [
        ("payment_request", asked, station.person),
        ("card_charge", asked, station.person),
        ("refund", back["id"].removeprefix("0x"), station.person),
    ]
    listed = city.get("till", f"/stations/{station.station_id}/statements")["items"]
    assert [one["kind"] for one in listed][:3] == ["refund", "card_charge", "payment_request"]
    outside = city.post("till", "/payments", {"amount_cents": 320}, status=201)["id"]
    assert outside not in {reference for _, reference, _ in station.statements()}


def test_the_pages_of_the_till_note_the_same(
    till: Till, station: AtStation, browser: FlaskClient
) -> None:
    before = len(station.statements())
    opened = press(browser, "/station", number=str(station.number), pin=PIN)
    assert (opened.status_code, opened.location) == (303, "/station")
    assert browser.get("/station").location == "/till"
    payment = press(browser, "/till", amount="1.00", confirmed="100").location
    typed = {"card_number": till.card.number, "pin": CARD_PIN}
    assert press(browser, f"{payment}/card", **typed).status_code == 200
    given = {"amount": "1.00", "confirmed": "100"}
    assert press(browser, f"{payment}/refunds", **given).status_code == 303
    kinds = [kind for kind, _, _ in station.statements()[before:]]
    assert kinds == ["payment_request", "card_charge", "refund"]
    assert "Close the shift" in browser.get("/till", headers=ENGLISH).text
    assert press(browser, "/sign-out").location == "/station"
    assert browser.get("/till").location == "/station", "not to signing in by mail"


def test_an_attestation_carries_them_too(
    services: Services, pages: Application, town: Town
) -> None:
    station = at_station(services, town.clerk.organisation.id, town.people["clerk"])
    own, shared = pages.test_client(), pages.test_client()
    own.set_cookie("civis", town.tokens["clerk"])
    town.tokens["clerk"] = station.shift(shared)
    shared.set_cookie("civis", town.tokens["clerk"])
    made = town.post("clerk", "/attestations", town.signed(town.identify()))
    assert station.statements() == [("attestation", made["id"], town.people["clerk"])]
    slot = f"attester:{town.clerk.organisation.id}"
    assert f'"{slot}"' in own.get("/attest").text.replace("&#34;", '"')
    assert f'"{slot}:' in shared.get("/attest").text.replace("&#34;", '"'), "a key for each"


def test_a_shift_closes_after_ten_idle_minutes_and_each_request_begins_them_anew(
    open_till: Till, station: AtStation
) -> None:
    for _ in range(2):
        station.wait(9)
        open_till.city.get("shift", "/till/day")
    station.wait(10)
    assert open_till.city.call("shift", "GET", "/till/day").status_code == 401
    assert open_till.city.call("shift", "GET", "/till/day").status_code == 401, "for good"


def test_what_a_page_asks_by_itself_keeps_no_shift_open(
    open_till: Till, station: AtStation
) -> None:
    city = open_till.city
    asked = city.post("shift", "/payments", {"amount_cents": 320}, status=201)["id"]
    station.wait(6)
    assert city.get("shift", f"/payments/{asked}")["state"] == "expired"
    station.wait(4)
    assert city.call("shift", "GET", f"/payments/{asked}").status_code == 401


def test_a_shift_opens_nothing_of_its_person_s_own(open_till: Till, browser: FlaskClient) -> None:
    browser.set_cookie("civis", open_till.city.tokens["shift"])
    assert len(SIGNED_IN) > 40
    for rule, method in SIGNED_IN:
        if rule.startswith("/api/v1"):
            answer = open_till.city.call("shift", method, rule.removeprefix("/api/v1"), {})
            assert answer.get_json()["code"] == "shift-only", rule
        else:
            page = browser.get(rule) if method == "GET" else press(browser, rule)
            assert page.status_code == 403, rule
    for rule in ("/me/balance", "/me/actions", "/stations"):
        assert open_till.city.call("shift", "GET", rule).status_code == 403
        assert browser.get(rule.replace("/balance", "")).status_code in {403, 404}


def test_a_stolen_station_cookie_alone_does_nothing(
    till: Till, station: AtStation, browser: FlaskClient
) -> None:
    """It is no session, neither as cookie nor as token; and without a badge it opens none."""
    browser.set_cookie("civis", station.token)
    assert browser.get("/till").location == "/station"
    till.city.tokens["thief"] = station.token
    assert till.city.call("thief", "GET", "/till/day").status_code == 401
    refused = press(browser, "/station", badge="2345-6789-ABCD-EFGH")
    assert refused.status_code == 403
    assert "civis=" not in refused.headers.get("Set-Cookie", "")
    browser.delete_cookie("civis_station")
    assert press(browser, "/station", badge=station.badge).status_code == 403, "no station"


def test_an_administrator_enrols_this_browser_and_ends_it_at_once(
    till: Till, station: AtStation, browser: FlaskClient
) -> None:
    browser.set_cookie("civis", administrator(till.services, station.person))
    name = f"Market {uuid4().hex}"
    assert press(browser, "/stations", name=name).location == "/station"
    assert browser.get("/till").location == "/station", "signed out: others will use it"
    assert name in browser.get("/station").text
    press(browser, "/station", badge=station.badge)
    assert browser.get("/till").status_code == 200
    [row] = [one for one in till.city.get("till", "/stations")["items"] if one["name"] == name]
    assert (row["open_by"], row["statements"]) == (str(station.person), 0)
    till.city.post("till", f"/stations/{row['id']}/end", status=204)
    assert browser.get("/till").location == "/station"
    shown = browser.get("/station", headers=ENGLISH)
    assert "This browser is no station" in shown.text
    assert "civis_station=;" in shown.headers["Set-Cookie"]


def test_badges_are_made_on_one_s_own_page_and_shown_once(
    till: Till, pages: Application, station: AtStation
) -> None:
    client = pages.test_client()
    client.set_cookie("civis", administrator(till.services, station.person))
    unlike = press(client, "/me/badges", organisation_id=str(till.shop), pin="2580", pin_again="1")
    assert unlike.status_code == 422
    form = {"organisation_id": str(till.shop), "pin": PIN, "pin_again": PIN}
    shown = press(client, "/me/badges", **form)
    assert "Your badge: print it now" in shown.text
    assert "<svg" in shown.text
    assert "print it now" not in client.get("/me/badges", headers=ENGLISH).text
    assert client.get("/stations").status_code == 200


def test_outside_a_demo_a_shop_s_stations_need_a_passkey(till: Till, station: AtStation) -> None:
    services = till.services
    with services.database.transaction() as session:
        now = services.clock.now(session)
        by_code = identity.open_session(session, station.person, "api", now)
    parts = replace(services, settings=replace(services.settings, demo=False))
    client = build(parts=parts).test_client()
    for token, status in ((by_code, 403), (administrator(services, station.person), 200)):
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/api/v1/stations", headers=headers).status_code == status
