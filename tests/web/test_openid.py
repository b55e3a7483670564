"""Signing in through a real OpenID provider: who comes in, as whom, and as one account only."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlmodel import col

from app.application import build
from app.context import Application
from app.identity import service as identity
from app.identity.ages import AgeBand
from app.identity.models import IdentityLevel, Person
from app.identity.one_account import Pivot, prove
from app.identity.openid import service as openid
from app.identity.openid.models import IdentityIndex, OpenIdIdentity
from app.openid_config import OpenId, Profile
from app.services import Services
from tests.support.openid import comes_back, go, running_provider, visitor
from tests.support.openid_owner import form_token, letters_to, linked, open_page, person_of

THIS_YEAR = datetime.now(UTC).year  # as the provider counts, whose people are so many years old


@pytest.fixture(scope="module")
def franceconnect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenId]:
    log = tmp_path_factory.mktemp("openid") / "log"
    with running_provider(log, Profile.FRANCECONNECT) as settings:
        yield settings


@pytest.fixture
def application(services: Services, franceconnect: OpenId) -> Iterator[Application]:
    """Nobody is known yet."""
    parts = dataclasses.replace(
        services,
        settings=dataclasses.replace(
            services.settings, openid=franceconnect, public_url="http://localhost:8000"
        ),
    )
    yield build(parts=parts)
    with services.database.transaction() as session:
        now = services.clock.now(session)
        for person_id in set(session.scalars(select(col(OpenIdIdentity.person_id)))):
            identity.close_person(session, person_id, now)
        for person_id in set(session.scalars(select(col(IdentityIndex.person_id)))):
            identity.close_person(session, person_id, now)


@pytest.fixture
def browser(application: Application) -> FlaskClient:
    return visitor(application)


def test_a_new_person_comes_in_verified_and_again_as_the_same(
    services: Services, application: Application, browser: FlaskClient
) -> None:
    assert "Se connecter avec Provider" in browser.get("/sign-in?lang=fr").text
    assert go(browser, "ada").status_code == 303
    first = person_of(services, browser)
    assert (first.identity_level, first.age_band) == (IdentityLevel.VERIFIED, AgeBand.ADULT)
    other = visitor(application)
    assert go(other, "ada").status_code == 303
    assert person_of(services, other).id == first.id


def test_nothing_that_the_provider_said_is_kept_in_clear(
    services: Services, browser: FlaskClient
) -> None:
    go(browser, "ada")
    with services.database.session() as session:
        kept = [
            str(row)
            for table in (Person, OpenIdIdentity, IdentityIndex)
            for row in session.scalars(select(table))
        ]
    assert kept
    for word in ("Martin", "MARTIN", "Ada", "sub-of-ada", "ada@city", str(THIS_YEAR - 40)):
        assert all(word not in row for row in kept), word


def test_one_person_has_one_account_whoever_proved_it_first(
    services: Services, application: Application, browser: FlaskClient
) -> None:
    """The same papers under another name at the provider, and at a counter."""
    go(browser, "ada")
    second = visitor(application)
    refused = go(second, "ada-again")
    assert (refused.status_code, "Vous avez déjà un compte" in refused.text) == (409, True)
    pivot = Pivot("Martín", "ada zoé", date(THIS_YEAR - 40, 1, 15))
    with services.database.session() as session:
        now = services.clock.now(session)
        other = identity.register_person(session, None, level=IdentityLevel.CARD, now=now)
        with pytest.raises(Exception, match="second-account"):
            prove(session, other.id, pivot, now)
        session.rollback()


def test_papers_at_the_counter_are_found_when_the_provider_comes_second(
    services: Services, browser: FlaskClient
) -> None:
    with services.database.transaction() as session:
        now = services.clock.now(session)
        there = identity.register_person(session, None, level=IdentityLevel.CARD, now=now)
        prove(session, there.id, Pivot("MARTIN", "Ada Zoe", date(THIS_YEAR - 40, 1, 15)), now)
    assert go(browser, "ada").status_code == 409


def test_the_index_goes_with_the_person(
    services: Services, application: Application, browser: FlaskClient
) -> None:
    go(browser, "ada")
    person = person_of(services, browser)
    with services.database.transaction() as session:
        identity.close_person(session, person.id, services.clock.now(session))
    again = visitor(application)
    assert go(again, "ada").status_code == 303
    assert person_of(services, again).id != person.id


def test_a_known_address_is_no_key_to_its_account(
    services: Services, application: Application, browser: FlaskClient
) -> None:
    owner = visitor(application)
    person = open_page(services, owner, "ada@city.example")
    refused = go(browser, "ada")
    assert (refused.status_code, browser.get_cookie("civis")) == (409, None)
    assert linked(services, owner, "ada").status_code == 303, "its owner links it"
    assert person_of(services, owner).id == person
    assert go(browser, "ada").status_code == 303
    assert person_of(services, browser).id == person


def test_linked_to_one_account_it_links_no_other(
    services: Services, application: Application, browser: FlaskClient
) -> None:
    go(browser, "ada")
    stranger = visitor(application)
    open_page(services, stranger, f"{uuid4().hex}@city.example")
    refused = linked(services, stranger, "ada")
    assert (refused.status_code, "autre compte" in refused.text) == (409, True)


def test_whoever_is_signed_in_is_linked_to_nobody_by_signing_in(
    services: Services, application: Application
) -> None:
    """On a shared computer the one before is signed out; a thief at an open page gains nothing."""
    shared = visitor(application)
    before = open_page(services, shared, f"{uuid4().hex}@city.example")
    assert go(shared, "ada").status_code == 303
    assert person_of(services, shared).id != before
    with services.database.session() as session:
        assert openid.linked(session, before) is None


def test_linking_asks_for_a_fresh_proof_and_is_told(
    services: Services, application: Application
) -> None:
    owner = visitor(application)
    address = f"{uuid4().hex}@city.example"
    open_page(services, owner, address)
    hasty = owner.post("/me/data/openid", data={"csrf_token": form_token(owner)})
    assert "to_provider" not in hasty.text
    assert "http://localhost" not in hasty.text.partition("<main")[2].partition("</main")[0]
    linked(services, owner, "ada")
    assert any("ouvre désormais" in letter for letter in letters_to(services, address))


def test_a_child_needs_a_parent_and_a_teenager_is_asked_again(
    services: Services, application: Application, browser: FlaskClient
) -> None:
    refused = go(browser, "young")
    assert (refused.status_code, "un parent" in refused.text) == (403, True)
    teen = visitor(application)
    assert go(teen, "teen").status_code == 303
    found = person_of(services, teen)
    assert found.age_band is AgeBand.FROM_15_TO_17
    assert found.age_until == date(THIS_YEAR + 2, 2, 1)


def test_who_has_no_address_proves_afresh_at_the_provider_and_enters_one(
    services: Services, browser: FlaskClient
) -> None:
    """Else nothing that asks for a proof would ever be open to them."""
    go(browser, "teen")
    asked = browser.get("/me/address")
    assert "again=1" in browser.get(asked.location).text, "an old sign-in there proves nothing"
    go(browser, "teen", "/sign-in/openid?again=1")
    form = {"csrf_token": form_token(browser), "email": f"{uuid4().hex}@city.example"}
    assert browser.post("/me/address/code", data=form).status_code == 200
    [subject] = letters_to(services, form["email"])
    form |= {"idempotency_key": str(uuid4()), "code": subject[-6:]}
    assert browser.post("/me/address", data=form).status_code == 303
    assert form["email"] in browser.get("/me/data").text
    go(browser, "teen", "/sign-in/openid?again=1")
    assert browser.get("/me/address").status_code == 302, "a code confirms from now on"


def test_what_comes_back_counts_once_and_in_its_own_browser(
    application: Application, browser: FlaskClient
) -> None:
    back = comes_back(browser, "ada")
    assert visitor(application).get(back).status_code == 403, "login CSRF"
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 403, "replayed"


@pytest.mark.parametrize("change", ["state", "iss", "code"])
def test_an_answer_that_was_touched_is_refused(browser: FlaskClient, change: str) -> None:
    path, _, query = comes_back(browser, "ada").partition("?")
    said = {name: values[0] for name, values in parse_qs(query).items()}
    said[change] = said[change][:-3] + "abc"
    assert browser.get(path, query_string=said).status_code == 403
    assert browser.get_cookie("civis") is None


def test_whoever_refuses_there_is_told_so_here(browser: FlaskClient) -> None:
    assert go(browser, "nobody").status_code == 403


def test_signing_out_offers_the_providers_own_sign_out(browser: FlaskClient) -> None:
    go(browser, "ada")
    left = browser.post("/sign-out", data={"csrf_token": form_token(browser)})
    assert "session/end?id_token_hint=" in left.text
    assert browser.get("/me").status_code == 302


def test_no_session_of_before_is_taken_over(services: Services, browser: FlaskClient) -> None:
    """A token that somebody planted is not the one that the person gets."""
    open_page(services, browser, f"{uuid4().hex}@city.example")
    planted = browser.get_cookie("civis")
    go(browser, "ada")
    after = browser.get_cookie("civis")
    assert planted and after and planted.value != after.value  # noqa: PT018


def test_where_no_provider_is_named_there_is_none(services: Services) -> None:
    plain = visitor(build(parts=services))
    assert plain.get("/sign-in/openid").status_code == 404
    assert plain.get("/sign-in/openid/return?code=x&state=y").status_code in (403, 404)
    with services.database.session() as session:
        assert session.scalar(select(func.count()).select_from(OpenIdIdentity)) == 0
