"""An account comes back by two officers; a dishonest pair has no way against an honest owner, one
officer alone has no way at all, and a thief's objection only calls others."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import SignInSession
from app.identity.sign_in import finish_sign_in, request_sign_in
from app.services import Services
from tests.support.paying import paying_city
from tests.support.recovering import Recovering, recovering


@pytest.fixture
def town(services: Services, signer: SignerClient) -> Iterator[Recovering]:
    with paying_city(services, signer) as city:
        yield recovering(city)


def fresh() -> str:
    return f"{secrets.token_hex(6)}@elsewhere.example"


def confirmed(town: Recovering, email: str) -> str:
    case = town.propose(email)
    town.confirm(case, email)
    return case


def refused(town: Recovering, who: str, case: str) -> str:
    """Why this officer can't confirm, whatever they would type."""
    return town.refused(who, f"/recoveries/{case}/confirmation", {})


def owner_of(town: Recovering, email: str) -> object:
    with town.services.database.session() as session:
        found = identity.person_by_email(session, email)
        return found.id if found else None


def test_the_owner_who_lost_the_address_comes_back_after_72_hours(town: Recovering) -> None:
    email, person = fresh(), town.city.world.mine.person_id
    confirmed(town, email)
    assert town.rounds() == 0
    town.age(hours=71)
    assert town.rounds() == 0
    assert owner_of(town, town.email) == person
    town.age(hours=1)
    assert town.rounds() == 1
    assert owner_of(town, email) == person
    assert owner_of(town, town.email) is None
    assert town.pay().status_code == 401, "who was signed in is not any more"
    assert len(town.letters(email)) == 2, "the code, and that it is done"
    assert town.rounds() == 0


def test_the_thief_with_the_telephone_and_the_mail_neither_keeps_nor_gets_anything(
    town: Recovering,
) -> None:
    """Session, old address and all: what the thief sends stops it, two others go on with it."""
    email, person = fresh(), town.city.world.mine.person_id
    town.city.post(
        "officer-4", "/blocks", {"known_by": town.email, "channel": "counter"}, status=201
    )
    case = confirmed(town, email)
    assert town.pay().get_json()["code"] == "wallet-blocked"
    town.city.post("citizen", f"/me/recoveries/{case}/objection")
    assert town.pay().get_json()["code"] == "wallet-blocked"
    town.age(hours=80)
    assert town.rounds() == 0, "it stands still"
    assert town.pay().get_json()["code"] == "wallet-blocked", "though the officer's block ended"
    for officer in ("officer-3", "officer-4"):
        town.city.post(officer, f"/recoveries/{case}/votes", {"in_favour": True}, status=201)
    assert town.refused("citizen", f"/me/recoveries/{case}/objection") == "recovery-not-so-far"
    assert town.rounds() == 1
    assert owner_of(town, email) == person
    assert town.pay().status_code == 401


def test_a_dishonest_pair_against_an_honest_owner(town: Recovering) -> None:
    """The notice arrives, the owner stops it without signing in, the pair can decide nothing."""
    theirs = fresh()
    case = confirmed(town, theirs)
    notice = town.link(town.email)
    assert town.press(notice) == 200
    assert town.press(notice) == 410, "the link worked once"
    for officer in ("officer", "officer-2"):
        body = {"in_favour": True}
        assert (
            town.refused(officer, f"/recoveries/{case}/votes", body) == "recovery-another-officer"
        )
        assert refused(town, officer, case) == "recovery-not-so-far"
    town.age(hours=80)
    assert town.rounds() == 0
    for officer in ("officer-3", "officer-4"):
        town.city.post(officer, f"/recoveries/{case}/votes", {"in_favour": False}, status=201)
    assert town.city.get("officer", "/recoveries")["items"] == []
    assert owner_of(town, theirs) is None
    assert owner_of(town, town.email) == town.city.world.mine.person_id
    assert town.pay().status_code == 200, "the wallet works again"


def test_a_recovery_keeps_the_wallet_blocked_and_nobody_lifts_that(town: Recovering) -> None:
    said = {"known_by": town.email, "channel": "counter"}
    block = town.city.post("officer", "/blocks", said, status=201)
    case = confirmed(town, fresh())
    assert town.refused("officer-3", f"/blocks/{block['id']}/end") == "recovery-open"
    blocks = town.city.get("citizen", "/me/wallet")["blocks"]
    kept = next(one for one in blocks if one["channel"] == "recovery")
    assert town.refused("officer-3", f"/blocks/{kept['id']}/end") == "recovery-open"
    town.age(hours=73)
    assert town.pay().get_json()["code"] == "wallet-blocked"
    town.city.post("officer-3", f"/recoveries/{case}/objection")
    assert town.pay().get_json()["code"] == "wallet-blocked"


def test_one_officer_alone_changes_nothing_for_good(town: Recovering) -> None:
    email = fresh()
    case = town.propose(email)
    body = {"in_favour": True}
    assert refused(town, "officer", case) == "recovery-another-officer"
    assert town.refused("officer", f"/recoveries/{case}/objection") == "recovery-not-so-far"
    assert town.refused("officer", f"/recoveries/{case}/votes", body) == "recovery-not-so-far"
    assert town.pay().status_code == 200, "a proposal freezes nothing"
    town.age(hours=72)
    assert town.rounds() == 1, "it lapsed"
    assert owner_of(town, email) is None
    assert refused(town, "officer-2", case) == "recovery-not-so-far"


def test_nobody_decides_twice_nor_in_their_own_case(town: Recovering) -> None:
    case = confirmed(town, fresh())
    town.city.post("officer-3", f"/recoveries/{case}/objection")
    body = {"in_favour": False}
    town.city.post("officer-3", f"/recoveries/{case}/votes", body, status=201)
    assert (
        town.refused("officer-3", f"/recoveries/{case}/votes", body) == "recovery-another-officer"
    )
    number = town.city.get("officer", "/me/presence")["short_number"]
    said = {"known_by": number, "email": fresh(), "seen": "papers"}
    assert town.refused("officer", "/recoveries", said) == "recovery-another-officer"
    own = town.city.post("officer-2", "/recoveries", said, status=201)["id"]
    assert refused(town, "officer", own) == "recovery-another-officer"


def test_undecided_it_fails_after_30_days_and_the_wallet_is_free(town: Recovering) -> None:
    email = fresh()
    case = confirmed(town, email)
    town.press(town.link(town.email))
    body = {"in_favour": True}
    town.city.post("officer-3", f"/recoveries/{case}/votes", body, status=201)
    town.city.post("officer-4", f"/recoveries/{case}/votes", {"in_favour": False}, status=201)
    town.age(days=30)
    assert town.pay().status_code == 200, "free even before anybody noted it"
    assert town.refused("officer-2", f"/recoveries/{case}/votes", body) == "recovery-not-so-far"
    assert town.rounds() == 1
    assert owner_of(town, email) is None


def test_who_leaves_takes_what_was_proposed_along(town: Recovering) -> None:
    case = town.propose(fresh())
    with town.city.world.services.database.transaction() as session:
        now = town.city.world.services.clock.now(session)
        session.execute(update(SignInSession).values(proved_at=now))
    town.city.post("citizen", "/me/closing", {})
    assert town.city.get("officer", "/recoveries")["items"] == []
    assert refused(town, "officer-2", case) == "recovery-not-so-far"
    browser = town.city.client.application.test_client()
    browser.set_cookie("civis", town.city.tokens["officer-3"])
    assert browser.get("/office/recoveries").status_code == 200


def test_one_at_a_time_and_taken_back_it_makes_room(town: Recovering) -> None:
    email = fresh()
    case = town.propose(email)
    said = {"known_by": town.email, "email": fresh(), "seen": "card"}
    assert town.refused("officer-2", "/recoveries", said) == "recovery-open"
    town.city.post("officer-3", f"/recoveries/{case}/withdrawal")
    second = town.propose(email, who="officer-2")
    town.confirm(second, email, who="officer")
    assert town.refused("officer", f"/recoveries/{second}/withdrawal") == "recovery-not-so-far"


def test_an_address_lets_in_one_person_only(town: Recovering) -> None:
    taken = fresh()
    case = confirmed(town, taken)
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        other = identity.register_person(
            session,
            taken,
            level=identity.person(session, town.city.world.mine.person_id).identity_level,
            now=now,
        ).id
    town.age(hours=72)
    assert town.rounds() == 1
    assert owner_of(town, taken) == other, "somebody came first: it failed"
    assert owner_of(town, town.email) == town.city.world.mine.person_id
    said = {"known_by": town.email, "email": taken, "seen": "card"}
    assert town.refused("officer", "/recoveries", said) == "recovery-address-taken"
    assert case


def test_who_comes_back_signs_in_with_the_new_address_alone(town: Recovering) -> None:
    email = fresh()
    confirmed(town, email)
    town.age(hours=72)
    town.rounds()
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        challenge = request_sign_in(session, email, "en", now)
    code = town.letters(email)[-1].split()[4].rstrip(".")
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        token = finish_sign_in(session, email, code, "api", now, challenge=challenge)
        found = identity.find_session(session, token, now)
    assert found is not None
    assert found.person_id == town.city.world.mine.person_id
    town.city.tokens["citizen"] = token
    assert town.pay().status_code == 200
    browser = town.city.client.application.test_client()
    browser.set_cookie("civis", token)
    assert "Given back to you by officers on" in browser.get("/me/data?lang=en").text


def test_officers_reading_of_the_addresses_is_recorded(town: Recovering) -> None:
    confirmed(town, fresh())
    browser = town.city.client.application.test_client()
    browser.set_cookie("civis", town.city.tokens["officer-3"])
    page = browser.get("/office/recoveries?lang=en")
    assert town.email in page.text
    looks = town.city.get("citizen", "/me/accesses")["items"]
    assert {"recovery", "person"} <= {
        one["resource"] for one in looks if one["purpose"] == "recovery"
    }
