"""Stations as who administers them sees them; a badge that was lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest

from app.application import build
from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import IdentityLevel, Role
from app.identity.people import set_email
from app.identity.stations import service as stations
from app.identity.stations.badges import make_badge
from app.rights.export import export
from app.services import Services
from tests.support.card_till import Till, card_till
from tests.support.shop import Shop
from tests.support.station import PIN, administrator, at_station, person_of

EMAIL = "at-the-till@city.example"


@pytest.fixture
def till(services: Services, signer: SignerClient) -> Iterator[Till]:
    with card_till(services, signer) as made:
        yield made


def test_each_statement_stands_there_with_its_person(till: Till, signer: SignerClient) -> None:
    services = till.services
    person = person_of(services, till.city.tokens["till"])
    with services.database.transaction() as session:
        set_email(session, person, EMAIL)
    here = at_station(services, till.shop, person)
    browser = build(parts=replace(services, signer=signer)).test_client()
    browser.set_cookie("civis", administrator(services, person))
    page, path = browser.get("/stations?lang=en"), f"/stations/{here.station_id}/statements"
    assert path in page.text
    assert "Nothing has been said there yet." in browser.get(path).text
    till.city.tokens["shift"] = here.shift(till.city.client)
    asked = till.city.post("shift", "/payments", {"amount_cents": 320}, status=201)["id"]
    said = browser.get(path).text
    assert "a payment asked for" in said
    assert asked[:8] in said
    assert EMAIL in said
    [own] = _exported(services, person, "station_statements")
    assert (own["kind"], set(own)) == (
        "payment_request",
        {"at", "kind", "station", "organisation"},
    ), "what they said, and not about whom"
    citizen = person_of(services, till.city.tokens["citizen"])
    assert _exported(services, citizen, "station_statements") == []


def _exported(services: Services, person: UUID, part: str) -> list[dict[str, Any]]:
    with services.database.session() as session:
        now = services.clock.now(session)
        with export(session, person, now) as archive, ZipFile(archive) as files:
            rows: list[dict[str, Any]] = json.loads(files.read(f"{part}.json"))
    return rows


def test_another_shop_s_station_is_none(till: Till, signer: SignerClient) -> None:
    services = till.services
    person = person_of(services, till.city.tokens["till"])
    with services.database.transaction() as session:
        now = services.clock.now(session)
        other = Shop(session, now).merchant().organisation_id
        theirs, _ = stations.enrol(session, other, name="Theirs", by=person, now=now)
        path = f"/stations/{theirs.id}/statements"
    browser = build(parts=replace(services, signer=signer)).test_client()
    browser.set_cookie("civis", administrator(services, person))
    assert browser.get(path).status_code == 404


def test_a_new_badge_ends_the_shift_of_the_one_before(till: Till) -> None:
    """Whoever lost a badge makes a new one: nobody goes on with the lost one's shift."""
    services = till.services
    person = person_of(services, till.city.tokens["till"])
    here = at_station(services, till.shop, person)
    till.city.tokens["lost"] = here.shift(till.city.client)
    assert till.city.call("lost", "GET", "/till/day").status_code == 200
    with services.database.transaction() as session:
        make_badge(session, person, till.shop, PIN, services.clock.now(session))
    assert till.city.call("lost", "GET", "/till/day").status_code == 401


def test_a_shop_lists_its_badges_page_by_page_and_nothing_that_opens(till: Till) -> None:
    services, city = till.services, till.city
    person = person_of(services, city.tokens["till"])
    with services.database.transaction() as session:
        now, made = services.clock.now(session), list[UUID]()
        address, level = f"{uuid4().hex}@city.example", IdentityLevel.CONTACT
        second = identity.register_person(session, address, level=level, now=now)
        other = Shop(session, now).merchant().organisation_id
        for where in (till.shop, other):
            identity.grant_role(
                session, person_id=second.id, role=Role.MERCHANT, now=now, organisation_id=where
            )
        for who, where in ((person, till.shop), (second.id, till.shop), (second.id, other)):
            made.append(make_badge(session, who, where, PIN, now).row.id)
        first, newest, _theirs = made
    here = city.get("till", "/stations/badges?limit=1")
    [row] = here["items"]
    assert (row["id"], row["person_id"]) == (str(newest), str(second.id))
    assert set(row) == {"id", "person_id", "organisation_id", "number", "made_at", "locked"}
    rest = city.get("till", f"/stations/badges?limit=1&cursor={here['next_cursor']}")
    assert ([one["id"] for one in rest["items"]], rest["next_cursor"]) == ([str(first)], None)
    city.post("till", f"/stations/badges/{newest}/end", status=204)
    assert [one["id"] for one in city.get("till", "/stations/badges")["items"]] == [str(first)]
