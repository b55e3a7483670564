"""What a citizen or a clerk tells of a deed: taken where a rule asks it; a signature covers it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.actions.models import Action
from app.chain.signer import SignerClient
from app.services import Services
from tests.support import carpool
from tests.support.general_rules import limit
from tests.support.statements import counted
from tests.support.town import Town, made_town
from tests.web.test_forms_again import browser_of
from tests.web.test_recording_statements import SIGNED

RULES = carpool.rules(
    limit(1, "pair", "day", "actions", 1),
    conditions=[
        carpool.condition(1, "shared-car", {"action_type": {"in": ["carpool-trip", "bike-trip"]}}),
        carpool.condition(2, "town", {"in_zone": {"zone": "town", "end": "both"}}),
    ],
)
HERE = {"com": "34172"}
TOLD = {"seats": 2, "start": HERE, "end": HERE}
NOBODY = "0x" + "0" * 64
DEED = {"action_type": "carpool-trip", "quantity": 9000}


@pytest.fixture
def town(services: Services, signer: SignerClient) -> Iterator[Town]:
    with made_town(services, signer, rules=RULES) as made:
        yield made


def visit_of(town: Town, who: str) -> str:
    visit = town.post("clerk", "/attestations/visits", town.code_of(who))
    return str(visit["subject"])


def attested(town: Town, signed: dict[str, Any], sent: dict[str, Any], status: int = 201) -> Any:
    """Signed with the one, and sent with the other."""
    visit = {"subject": visit_of(town, "citizen")}
    body = {**town.signed(visit, told=signed, **DEED), "told": sent}
    return town.post("clerk", "/attestations", body, status=status)


def stored(town: Town) -> Action:
    with town.services.database.session() as session:
        own = col(Action.programme_id) == town.programme_id
        return session.scalars(select(Action).where(own)).one()


def test_a_clerk_tells_seats_places_and_who_was_there(town: Town) -> None:
    other = visit_of(town, "officer")
    told = {**TOLD, "other": other}
    attested(town, told, told)
    deed = stored(town)
    assert (deed.reward_cents, deed.other_id) == (250, town.people["officer"])
    assert deed.told == told
    [mine] = town.get("citizen", "/me/actions")["items"]
    assert mine["told"] == {**TOLD, "other": True}
    assert town.people["officer"].hex not in str(mine).replace("-", "")


def test_its_owner_s_page_says_what_was_told_and_names_nobody(town: Town) -> None:
    other = visit_of(town, "officer")
    told = {**TOLD, "other": other}
    attested(town, told, told)
    page = browser_of(town, "citizen").get(f"/me/deeds/{stored(town).id}?lang=en").text
    for said in ("Seats shared", "Began in", "com 34172", "another person, whose name is not kept"):
        assert said in page
    assert str(town.people["officer"]) not in page
    assert other[2:] not in page


def test_its_owner_reads_no_count_of_the_other(town: Town) -> None:
    attested(town, TOLD, TOLD)
    values = {"per": "other", "period": "day", "counts": "actions", "most": 4, "count": 3}
    line = {"rule": "other-day-actions", "code": "limit", "cents": "-100", "values": values}
    with town.services.database.transaction() as session:
        session.get_one(Action, stored(town).id).explanation = [line]
    reached = "A limit for the person you shared with that day is reached"
    page = browser_of(town, "citizen").get(f"/me/deeds/{stored(town).id}?lang=en").text
    [mine] = town.get("citizen", "/me/actions")["items"]
    assert (reached in page, "3 of 4" in page) == (True, False)
    said = mine["explanation"][0]["sentence"]
    assert ("3 of 4" in said, "3 sur 4" in said) == (False, False)


def test_the_clerk_s_signature_covers_what_is_told(town: Town) -> None:
    before = town.count()
    answer = attested(town, TOLD, {**TOLD, "seats": 3}, status=422)
    said = (answer["code"], answer["errors"][0]["field"])
    assert said == ("attestation-other-statement", "statement.nonce")
    assert town.count() == before


def test_telling_costs_no_statement_and_naming_another_two(town: Town) -> None:
    mine = {"subject": visit_of(town, "citizen")}
    told = {**TOLD, "other": visit_of(town, "officer")}
    first = {**town.signed(mine, told=TOLD, **DEED), "told": TOLD}
    town.post("clerk", "/attestations", first)  # what is made once is made
    with town.services.database.session() as session:
        ago = town.services.clock.now(session) - timedelta(minutes=2)
    for said, most, minutes in ((TOLD, SIGNED, 0), (told, SIGNED + 2, 1)):
        at = (ago - timedelta(minutes=minutes)).isoformat()
        body = {**town.signed(mine, told=said, deed_at=at, **DEED), "told": said}
        with counted(town.services.database.engine) as (statements, _):
            town.post("clerk", "/attestations", body)
        assert len(statements) == most, "\n".join(statements)


def test_nobody_shares_with_themselves_or_with_who_was_not_seen(town: Town) -> None:
    mine = visit_of(town, "citizen")
    for other, code in ((mine, "told-oneself"), (NOBODY, "visit-unknown")):
        body = {"subject": mine, "told": {"other": other}, **DEED}
        answer = town.post("clerk", "/attestations/drafts", body, status=422)
        assert (answer["code"], answer["errors"][0]["field"]) == (code, "told.other")


def test_a_shared_car_s_seats_are_no_bike_s(town: Town) -> None:
    body = {"subject": visit_of(town, "citizen"), "told": {"seats": 2}, **DEED}
    answer = town.post(
        "clerk", "/attestations/drafts", {**body, "action_type": "bike-trip"}, status=422
    )
    assert (answer["code"], answer["errors"][0]["field"]) == ("told-not-shared", "told.seats")


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        ({"seats": 9}, "invalid", "told.seats"),
        ({"seats": True}, "invalid", "told.seats"),
        ({"start": {}}, "invalid", "told.start"),
        ({"start": {"com": "a b"}}, "invalid", "told.start"),
        ({"end": {"iris": "343370101"}}, "told-not-asked", "told.end.iris"),
        ({"contribution_cents": 100}, "told-not-asked", "told.contribution_cents"),
        ({"other": "0x" + "0" * 64}, "invalid", "told.other"),
    ],
)
def test_what_a_citizen_tells_badly_is_refused_with_its_field(
    town: Town, told: dict[str, Any], code: str, field: str
) -> None:
    with town.services.database.session() as session:
        at = town.services.clock.now(session).isoformat()
    said = {"programme_id": str(town.programme_id), "deed_at": at, **DEED, "told": told}
    answer = town.post("citizen", "/actions", said, status=422)
    assert (answer["code"], answer["errors"][0]["field"]) == (code, field)
    assert answer["errors"][0]["remedy"]
