"""Whoever opens emergency access answers for it: by name, to two others, before they may leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from app.context import Application
from app.privacy.halts import halt
from app.privacy.models import AccessRecord
from app.services import Services
from tests.support.alarmed import WHY, Alarmed
from tests.support.signer import write_deployment


@pytest.fixture(scope="module")
def made(services: Services, application: Application) -> Iterator[Alarmed]:
    with application.test_client() as client:
        alarmed = Alarmed(services, client)
        write_deployment(services.settings)  # what the public figures name
        yield alarmed
        alarmed.owner.dispose()


@pytest.fixture
def office(made: Alarmed) -> Alarmed:
    made.forget()
    return made


def test_nobody_opens_one_without_a_name_or_leaves_before_it_is_looked_at(office: Alarmed) -> None:
    """A restriction of one's own data stops neither the letter nor the reason; nor does leaving."""
    person = office.people["operator"]
    with office.services.database.transaction() as session:
        halt(session, person, None, office.services.clock.now(session))
    path = f"/emergencies/{office.opened()}"
    assert office.letters("ALERTE"), "which name the address of whoever opened it"
    looks = office.count(AccessRecord)
    [seen] = office.get("auditor", "/emergencies")["items"]
    assert (seen["reason"], seen["reviews"]) == (WHY, [])
    assert office.count(AccessRecord) == looks + 1
    assert WHY in office.look("one", "/office/emergencies")
    assert office.address("operator") in office.look("one", "/office/emergencies")
    assert office.left("operator") == "closing-emergency-unreviewed"
    assert office.post("other", f"{path}/end").status_code == 200
    for who in ("other", "auditor"):
        assert office.left("operator") == "closing-emergency-unreviewed"
        found = office.post(who, f"{path}/reviews", {"text": "It was so"}).get_json()
    assert [one["text"] for one in found["reviews"]] == ["It was so", "It was so"]
    assert office.left("operator") == ""


def test_two_others_look_at_it_afterwards(office: Alarmed) -> None:
    path, found = f"/emergencies/{office.opened('one')}", {"text": "It was so"}
    assert office.refused("other", f"{path}/reviews", found) == "emergency-goes-on"
    office.later(hours=4)
    assert "1 emergency access to be reviewed" in office.look("other", "/office")
    assert office.refused("one", f"{path}/reviews", found) == "emergency-review-another"
    assert office.refused("operator", f"{path}/reviews", found) == "not-allowed"
    page, long = "/office/emergencies", {"text": "x" * 2001}
    again = office.send("other", page, f"/office{path}/reviews", long)
    assert (again.status_code, long["text"] in again.text) == (422, True), "nobody types it again"
    assert '<details class="card" open>' not in again.text, "nor does the other form open"
    first = office.post("other", f"{path}/reviews", found)
    assert first.get_json()["to_review"] is True
    seen = office.look("auditor", "/figures")
    assert 'href="/office/emergencies"' in seen.partition("<main")[0], "the menu leads there"
    seen = office.look("auditor", "/office/emergencies")
    assert "reviewed by one of two" in seen
    assert "another officer: It was so" in seen
    assert office.refused("other", f"{path}/reviews", found) == "emergency-review-another"
    assert "1 emergency access to be reviewed" in office.look("other", "/office")
    second = office.post("auditor", f"{path}/reviews", {"text": "I agree with the first"})
    assert second.get_json()["to_review"] is False
    assert "to be reviewed" not in office.look("other", "/office")
    page = office.look("one", "/office/emergencies")
    assert "I agree with the first" in page
    assert "reviewed by two" in page


def test_the_public_reads_its_day_where_the_city_is(office: Alarmed) -> None:
    """In Paris the year is new while UTC's is not."""
    assert office.services.settings.time_zone.key == "Europe/Paris"
    opened = "update emergency_access set opened_at = :at, until = :at + interval '1 hour'"
    assert office.opened()
    with office.owner.transaction() as session:
        session.execute(text(opened), {"at": datetime(2026, 12, 31, 23, 30, tzinfo=UTC)})
    assert "staff acts alone: 1 in 2027, last on 1 January 2027" in office.look("one", "/figures")
    for path in ("/api/v1/figures", "/figures/export.json"):
        public = office.client.get(path).get_json()["records"]
        [line] = [one for one in public if one["id"] == "emergency-accesses"]
        assert line["last_on"] == "2027-01-01"
        assert line["text"] == "emergency access: 1 in 2027, last on 2027-01-01"
