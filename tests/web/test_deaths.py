"""Closing after a death: two officers, 30 days, and anybody who is alive stops it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.chain.signer import SignerClient
from app.clock import city_day
from app.errors import Problem
from app.identity import service as identity
from app.identity.cards.models import CardState
from app.identity.mandates import service as mandates
from app.identity.mandates.models import Act
from app.identity.mandates.queries import holds
from app.identity.models import Person, Role, SignInSession
from app.recovery.models import Recovery, RecoveryState
from app.rewards.money import ledger
from app.services import Services
from tests.support.cards import PIN, held, printed, signed_in
from tests.support.paying import paying_city
from tests.support.recovering import Recovering, prove_officers, recovering
from tests.web.test_recovery_pages import PAGE, press, shown

MONTH = 30 * 24  # hours
PAPER = {"paper": "certificate", "paper_on": "2026-01-31"}


@pytest.fixture
def town(services: Services, signer: SignerClient) -> Iterator[Recovering]:
    with paying_city(services, signer) as city:
        yield recovering(city)


def proposed(town: Recovering, who: str = "officer") -> str:
    said = {"known_by": town.email, **PAPER}
    return str(town.city.post(who, "/recoveries/deaths", said, status=201)["id"])


def confirmed(town: Recovering) -> str:
    case = proposed(town)
    path, another = f"/recoveries/{case}/confirmation", "recovery-another-officer"
    assert town.refused("officer", path, {}) == another
    town.city.post("officer-2", path, {})
    return case


def waited(town: Recovering, hours: int) -> None:
    """Who was signed in did nothing meanwhile."""
    town.age(hours=hours)
    with town.services.database.transaction() as session:
        whose = col(SignInSession.person_id) == town.city.world.mine.person_id
        earlier = {
            name: getattr(SignInSession, name) - timedelta(hours=hours)
            for name in ("created_at", "last_seen_at")
        }
        session.execute(update(SignInSession).where(whose).values(earlier))


def row(town: Recovering, table: type[Any], key: object) -> Any:
    with town.services.database.session() as session:
        found = session.get_one(table, key)
        session.expunge(found)
        return found


def test_two_officers_close_it_after_30_days_though_it_was_blocked(town: Recovering) -> None:
    mine = town.city.world.mine
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        scope = mandates.Scope(frozenset(Act), now + timedelta(days=30), 100)
        mandate = mandates.offer(session, mine.person_id, "friend@city.example", scope, now=now)
        mandates.accept(session, mandate.id, by=mandate.representative_id, now=now)
        left = ledger.available(session, mine.address, mine.programme_id)
    said = {"known_by": town.email, "channel": "telephone"}
    case = confirmed(town)
    assert "est\ndécédé" in town.letters(town.email)[-1]
    assert town.pay().get_json()["code"] == "wallet-blocked"
    waited(town, MONTH - 1)
    assert town.rounds() == 0
    town.city.post("officer-3", "/blocks", said, status=201)
    waited(town, 1)
    assert town.rounds() == 1
    person, done = row(town, Person, mine.person_id), row(town, Recovery, case)
    assert person.closed_at is not None
    assert person.email_lookup is None
    assert done.state is RecoveryState.DONE
    assert (done.paper.value, str(done.paper_on)) == ("certificate", "2026-01-31")
    assert done.proposed_by != done.confirmed_by
    assert town.city.call("citizen", "GET", "/me").status_code == 401, "signed out everywhere"
    assert "Votre compte est fermé" in town.letters(town.email)[-1]
    with town.services.database.session() as session:
        assert not holds(session, session.merge(mandate), now)
        assert ledger.available(session, mine.address, mine.programme_id) == left > 0
    assert town.rounds() == 0


def test_of_somebody_with_a_card_alone_it_pays_no_more(
    town: Recovering, signer: SignerClient
) -> None:
    """Known by the number of their one-minute code; there is nobody to write to."""
    [card] = printed(town.services, signer)
    desk = signer.for_session(signed_in(town.services, Role.OFFICER))
    desk.set_pin(card.number, PIN)
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        number = identity.presence_secret(session, card.person_id, now).short_number
    said = {"known_by": number, **PAPER}
    case = town.city.post("officer", "/recoveries/deaths", said, status=201)["id"]
    town.city.post("officer-2", f"/recoveries/{case}/confirmation", {})
    desk.open_card_to_sessions(card.number, PIN)
    waited(town, MONTH)
    assert town.rounds() == 1
    assert held(town.services, card.number).state is CardState.BLOCKED
    with pytest.raises(Problem, match="card"):
        desk.open_card_to_sessions(card.number, PIN)


def test_whoever_signs_in_stops_it_and_two_others_decide(town: Recovering) -> None:
    case = confirmed(town)
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        identity.open_session(session, town.city.world.mine.person_id, "browser", now)
    assert town.rounds() == 1, "long before the 30 days are over"
    assert row(town, Recovery, case).state is RecoveryState.OBJECTED
    waited(town, 80)
    assert town.rounds() == 0
    said = {"in_favour": False}
    for pair in ("officer", "officer-2"):
        refused = town.refused(pair, f"/recoveries/{case}/votes", said)
        assert refused == "recovery-another-officer"
    for other in ("officer-3", "officer-4"):
        town.city.post(other, f"/recoveries/{case}/votes", said, status=201)
    assert row(town, Person, town.city.world.mine.person_id).closed_at is None
    assert town.pay().status_code == 200, "the wallet works again"


def test_objections_by_letter_and_by_an_officer(town: Recovering) -> None:
    case = confirmed(town)
    link = town.link(town.email)
    page = town.city.client.application.test_client().get(f"{link}?lang=en").text
    assert "I am alive" in page
    assert town.press(link) == 200
    assert row(town, Recovery, case).state is RecoveryState.OBJECTED
    for other in ("officer-3", "officer-4"):
        path, said = f"/recoveries/{case}/votes", {"in_favour": True}
        town.city.post(other, path, said, status=201)
    waited(town, MONTH)
    assert town.rounds() == 1, "two others looked, and the proof is good"
    assert row(town, Person, town.city.world.mine.person_id).closed_at is not None


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_the_paper_is_of_a_day_that_the_city_has_had(
    town: Recovering, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """In Noumea it is Tuesday for eleven hours before it is so by UTC."""
    monkeypatch.setattr(town.services.clock, "zone", ZoneInfo(zone))
    with town.services.database.session() as session:
        today = city_day(session, town.services.clock.now(session))
    said = {"known_by": town.email, **PAPER}
    late = said | {"paper_on": str(today + timedelta(days=1))}
    assert town.refused("officer", "/recoveries/deaths", late) == "death-paper-day"
    town.city.post("officer", "/recoveries/deaths", said | {"paper_on": str(today)}, status=201)


def test_by_page_the_owner_reads_and_stops_it(town: Recovering) -> None:
    said = {"known_by": town.email, **PAPER}
    late = press(town, "officer", PAGE, f"{PAGE}/deaths", **said | {"paper_on": "2999-01-01"})
    assert (late.status_code, "dated in the future" in late.text) == (422, True)
    [fold] = re.findall(r"<details[^>]*open[^>]*>.*?</details>", late.text, re.DOTALL)
    assert "because its person died" in fold
    assert town.email in fold, "nobody types it again"
    assert press(town, "officer", PAGE, f"{PAGE}/deaths", **said).status_code == 303
    [case] = town.city.get("officer", "/recoveries")["items"]
    path = f"{PAGE}/{case['id']}"
    decisions = shown(town, "officer-2", "/office/decisions")
    assert "1 account to be given back or closed" in decisions
    assert "Blocks and recoveries (1)" in decisions
    assert "Nothing waits for a second officer" not in decisions
    assert "death certificate of" in shown(town, "officer-2")
    assert press(town, "officer-2", PAGE, f"{path}/confirmation").status_code == 303
    asked = town.city.ask(100)["id"]
    for path in ("/me", f"/pay/{asked}"):
        seen = shown(town, "citizen", path)
        assert "Two officers are closing this account" in seen
        assert "Blocked while officers decide" in seen
    own = shown(town, "citizen", "/me/data")
    assert "Officers are closing this account" in own
    stop = f"/me/data/recoveries/{case['id']}/objection"
    assert press(town, "citizen", "/me/data", stop).status_code == 303
    assert "1 account to be given back or closed" in shown(town, "officer-3", "/office")
    assert "Close it all the same" in shown(town, "officer-3")
    assert "two other officers decide" in shown(town, "officer")


def test_both_officers_prove_afresh_who_they_are(town: Recovering) -> None:
    said, needed = {"known_by": town.email, **PAPER}, "step-up-needed"
    prove_officers(town.city, fresh=False)
    assert town.refused("officer", "/recoveries/deaths", said) == needed
    assert press(town, "officer", PAGE, f"{PAGE}/deaths", **said).status_code == 403
    assert town.city.get("officer", "/recoveries")["items"] == []
    prove_officers(town.city)
    case = proposed(town)
    prove_officers(town.city, fresh=False)
    assert town.refused("officer-2", f"/recoveries/{case}/confirmation", {}) == needed
    page = press(town, "officer-2", PAGE, f"{PAGE}/{case}/confirmation")
    assert page.status_code == 403
    assert row(town, Recovery, case).state is RecoveryState.PROPOSED


def test_whose_roles_the_city_needs_lays_them_down_first(town: Recovering) -> None:
    with town.services.database.transaction() as session:
        now, person = town.services.clock.now(session), town.city.world.mine.person_id
        grant = identity.grant_role(session, person_id=person, role=Role.OPERATOR, now=now)
    said = {"known_by": town.email, **PAPER}
    assert town.refused("officer", "/recoveries/deaths", said) == "closing-roles-held"
    with town.services.database.transaction() as session:
        identity.end_role(session, grant.id, by=None, now=now)
    case = confirmed(town)
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        identity.grant_role(session, person_id=person, role=Role.OPERATOR, now=now)
    waited(town, MONTH)
    assert town.rounds() == 1
    assert "Il n’a pas été fermé" in town.letters(town.email)[-1]
    assert row(town, Recovery, case).state is RecoveryState.FAILED
    assert row(town, Person, person).closed_at is None
