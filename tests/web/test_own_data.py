"""A person's own data on one page: what is known, allowed, read, and where they are signed in."""

from __future__ import annotations

import json
import re
from io import BytesIO
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlmodel import col

from app.actions.imports import links
from app.identity import service as identity
from app.identity.models import OrganisationKind, SignInSession
from app.privacy.consent_held import has_consent
from app.privacy.notices import purpose_named
from tests.support.town import Town


@pytest.fixture
def citizen(town: Town) -> FlaskClient:
    """The citizen's browser."""
    browser = town.client.application.test_client()
    browser.set_cookie("civis", _signed_in(town, "citizen"))
    return browser


def _signed_in(town: Town, who: str) -> str:
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        return identity.open_session(session, town.people[who], "browser", now)


def _read(browser: FlaskClient) -> str:
    answer = browser.get("/me/data?lang=en")
    assert answer.status_code == 200, answer.text
    return answer.text


def _press(browser: FlaskClient, path: str, **fields: str) -> int:
    page = _read(browser)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    once = {"csrf_token": token[1], "idempotency_key": str(uuid4())}
    return browser.post(path, data=once | fields).status_code


def test_the_page_says_what_is_known_and_why(town: Town, citizen: FlaskClient) -> None:
    page = _read(citizen)
    assert "What Civis knows about you" in page
    assert "Receive your trips from a partner" in page
    assert "needed for what you use here" in page
    assert town.tokens["citizen"] not in page


def test_who_looked_is_listed_by_role_and_purpose_newest_first(
    town: Town, citizen: FlaskClient
) -> None:
    before = len(town.get("citizen", "/me/accesses")["items"])
    town.identify()
    [newest, *others] = town.get("citizen", "/me/accesses")["items"]
    assert (newest["actor_role"], newest["purpose"]) == ("attester", "presence")
    assert len(others) == before
    page = _read(citizen)
    assert "clerk who certifies" in page
    assert "your one-minute code · Identify you at the counter" in page


def test_looks_come_by_pages(town: Town) -> None:
    town.identify()
    first = town.get("citizen", "/me/accesses?limit=1")
    assert len(first["items"]) == 1
    if first["next_cursor"]:
        older = town.get("citizen", f"/me/accesses?limit=1&cursor={first['next_cursor']}")
        assert older["items"] != first["items"]
    refused = town.call("citizen", "GET", "/me/accesses?cursor=x")
    assert refused.get_json()["code"] == "bad-cursor"


def test_one_tap_ends_a_consent_and_the_link_that_stands_on_it(
    town: Town, citizen: FlaskClient
) -> None:
    person, database = town.people["citizen"], town.services.database
    with database.transaction() as session:
        now = town.services.clock.now(session)
        partner = identity.create_organisation(
            session, slug="bikes", kind=OrganisationKind.PARTNER, name="Bikes", now=now
        ).id
        code, _ = links.make_code(session, person_id=person, organisation_id=partner, now=now)
        links.link_rider(session, organisation_id=partner, rider_ref="r-1", code=code, now=now)
    assert "<strong>Bikes</strong>: agreed on" in _read(citizen)
    fields = {"purpose": links.PURPOSE, "recipient": str(partner)}
    assert _press(citizen, "/me/data/consents/withdrawal", **fields) == 303
    with database.session() as session:
        assert not has_consent(session, person, links.PURPOSE, str(partner))
        assert links.links_of(session, person) == []
    page = _read(citizen)
    assert "<strong>Bikes</strong>: ended on" in page
    assert "Withdraw my consent" not in page


@pytest.mark.parametrize("how", ["withdrawn", "refused"])
def test_a_programs_no_ends_the_link_too(town: Town, how: str) -> None:
    """A later yes to the same partner revives no link by itself."""
    person, database = town.people["citizen"], town.services.database
    with database.transaction() as session:
        now = town.services.clock.now(session)
        partner = identity.create_organisation(
            session, slug=f"bikes-{how}", kind=OrganisationKind.PARTNER, name="Bikes", now=now
        ).id
        code, _ = links.make_code(session, person_id=person, organisation_id=partner, now=now)
        links.link_rider(session, organisation_id=partner, rider_ref="r-2", code=code, now=now)
    about = {"purpose": links.PURPOSE, "recipient": str(partner)}
    if how == "withdrawn":
        town.post("citizen", "/me/consents/withdrawals", about, status=204)
    else:
        version = purpose_named(links.PURPOSE).version
        said = {"given": False, "notice_version": version}
        town.post("citizen", "/me/consents", about | said)
    with database.session() as session:
        assert links.links_of(session, person) == []


def test_a_session_is_ended_from_another(town: Town, citizen: FlaskClient) -> None:
    elsewhere = _signed_in(town, "citizen")
    [there] = _sessions_of(town, elsewhere)
    assert _press(citizen, f"/me/data/sessions/{there}/end") == 303
    assert _status(town, elsewhere) == 401
    assert _press(citizen, f"/me/data/sessions/{there}/end") == 303, "twice changes nothing"


def test_all_others_are_ended_and_this_one_stays(town: Town, citizen: FlaskClient) -> None:
    others = [_signed_in(town, "citizen") for _ in range(2)]
    assert _press(citizen, "/me/data/sessions/others/end") == 303
    assert [_status(town, token) for token in others] == [401, 401]
    assert "this one" in _read(citizen)
    assert "Sign out everywhere but here" not in _read(citizen)


def test_nobody_ends_anothers_session(town: Town) -> None:
    [theirs] = _sessions_of(town, _signed_in(town, "clerk"))
    refused = town.call("officer", "POST", f"/me/sessions/{theirs}/end")
    assert refused.status_code == 404


def test_a_program_sees_and_ends_sessions(town: Town) -> None:
    token = _signed_in(town, "treasurer")
    listed = town.get("treasurer", "/me/sessions")["items"]
    assert [one["own"] for one in listed].count(True) == 1
    assert all(one.keys().isdisjoint({"token", "token_hash"}) for one in listed)
    ended = town.post("treasurer", "/me/sessions/others/end", status=200)
    assert ended["ended"] == len(listed) - 1
    assert _status(town, token) == 401


def test_letters_come_in_the_language_chosen(town: Town, citizen: FlaskClient) -> None:
    assert _press(citizen, "/me/data/language", language="en") == 303
    assert town.get("citizen", "/me")["language"] == "en"
    assert _press(citizen, "/me/data/language", language="xx") == 422


def test_everything_is_taken_along_by_page_and_by_program(town: Town, citizen: FlaskClient) -> None:
    asked = town.call("citizen", "GET", "/me/export.zip")
    assert (asked.status_code, asked.get_json()["code"]) == (403, "step-up-needed")
    _prove(town, "citizen")
    token = re.search(r'name="csrf_token" value="([^"]+)"', _read(citizen))
    assert token
    by_page = citizen.post("/me/data/export", data={"csrf_token": token[1]})
    by_program = town.call("citizen", "GET", "/me/export.zip")
    for answer in (by_page, by_program):
        assert answer.mimetype == "application/zip"
        assert answer.headers["Cache-Control"] == "no-store"
        with ZipFile(BytesIO(answer.data)) as archive:
            [person] = json.loads(archive.read("person.json"))
        assert person["id"] == str(town.people["citizen"])
    assert town.client.get("/api/v1/me/export.zip").status_code == 401


def _prove(town: Town, who: str) -> None:
    """All of their sessions have just been confirmed."""
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        theirs = update(SignInSession).where(col(SignInSession.person_id) == town.people[who])
        session.execute(theirs.values(proved_at=now))


def _status(town: Town, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return town.client.get("/api/v1/me", headers=headers).status_code


def _sessions_of(town: Town, token: str) -> list[UUID]:
    """The one session of this token."""
    headers = {"Authorization": f"Bearer {token}"}
    listed = town.client.get("/api/v1/me/sessions", headers=headers).get_json()["items"]
    return [UUID(one["id"]) for one in listed if one["own"]]
