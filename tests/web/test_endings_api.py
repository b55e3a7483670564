"""A programme's end by programs: announced, closed and given back, each by two, as the pages do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.endings.announcing import tell_next
from app.endings.closing import go_on_next
from app.rewards.models import Programme, ProgrammeState
from app.services import Services
from tests.support.city import City
from tests.support.office import Office, office_of


@pytest.fixture
def office(services: Services) -> Iterator[Office]:
    with office_of(services) as made:
        yield made


@pytest.fixture
def path(services: Services) -> str:
    """Of a funded programme that runs."""
    with services.database.transaction() as session:
        programme = City(session, services.clock.now(session)).programme()
        return f"/programmes/{programme.id}"


def over(services: Services, path: str) -> None:
    """Its last days were forty days ago, and everybody was told."""
    with services.database.transaction() as session:
        programme = session.get_one(Programme, path.rpartition("/")[2])
        last = (services.clock.now(session) - timedelta(days=40)).date()
        programme.last_day_to_earn = programme.last_day_to_spend = last
    with services.database.transaction() as session:
        now, tried = services.clock.now(session), set[Any]()
        while go_on_next(session, now, tried):
            pass
        tell_next(session, now)


def closed(services: Services, path: str) -> None:
    """As the indexer leaves it."""
    with services.database.transaction() as session:
        programme = session.get_one(Programme, path.rpartition("/")[2])
        programme.state, programme.closed_at = ProgrammeState.CLOSED, services.clock.now(session)


def yes(office: Office, proposal: Any) -> int:
    return office.post("other", f"/proposals/{proposal['id']}/confirmation").status_code


def test_an_end_is_announced_by_two_and_closed_by_two(
    services: Services, office: Office, path: str
) -> None:
    first = office.get("auditor", path + "/end")["first_last_day"]
    soon = office.post("one", path + "/end", {"last_day_to_spend": "2026-01-01"}).get_json()
    assert (soon["code"], soon["errors"][0]["field"]) == ("end-too-soon", "last_day_to_spend")
    assert office.post("treasurer", path + "/end", {"last_day_to_spend": first}).status_code == 403
    announced = office.post("one", path + "/end", {"last_day_to_spend": first})
    assert announced.status_code == 201
    assert (
        office.post("one", f"/proposals/{announced.get_json()['id']}/confirmation").status_code
        == 403
    )
    assert office.get("new", path)["end_announced_at"] is None, "one officer announces nothing"
    assert yes(office, announced.get_json()) == 200
    assert office.get("new", path)["end_announced_at"] is not None
    early = office.post("one", path + "/closing").get_json()
    assert early["code"] == "programme-state"
    over(services, path)
    stands = office.get("one", path + "/end")
    assert (stands["state"], stands["hindrances"]) == ("closing", [])
    assert yes(office, office.post("one", path + "/closing").get_json()) == 200
    assert office.get("one", path + "/end")["close_decided_at"] is not None


def test_what_hinders_it_is_named_with_its_remedy(office: Office, path: str) -> None:
    (first, *_) = office.get("one", path + "/end")["hindrances"]
    assert first == {
        "code": "hinders-announcement",
        "detail": "Sa fin n’a jamais été annoncée.",
        "remedy": "Annoncez-la, avec un autre agent.",
    }


def test_the_rest_goes_back_by_two_treasurers(
    services: Services, office: Office, path: str
) -> None:
    bank = {"bank_reference": uuid4().hex, "amount_cents": 99_000}
    running = office.post("treasurer", path + "/returns", bank).get_json()
    assert running["code"] == "programme-state"
    closed(services, path)
    much = office.post("treasurer", path + "/returns", bank | {"amount_cents": 100_001})
    assert much.get_json()["errors"][0]["field"] == "amount_cents"
    assert office.post("one", path + "/returns", bank).status_code == 403
    made = office.post("treasurer", path + "/returns", bank).get_json()
    confirmation = f"/returns/{made['id']}/confirmation"
    assert office.post("treasurer", confirmation).get_json()["code"] == "second-treasurer-needed"
    assert office.post("treasurer-2", confirmation).get_json()["confirmed_by"] is not None
    decided = office.post("treasurer", f"/returns/{made['id']}/withdrawal").get_json()
    assert decided["code"] == "return-decided"
    rest = office.post(
        "treasurer", path + "/returns", bank | {"bank_reference": "REST-1", "amount_cents": 1_000}
    )
    taken_back = office.post("treasurer-2", f"/returns/{rest.get_json()['id']}/withdrawal")
    assert taken_back.get_json()["withdrawn_at"] is not None


def test_returns_are_read_page_by_page(services: Services, office: Office, path: str) -> None:
    closed(services, path)
    named = [uuid4().hex for _ in range(3)]
    for one in named:
        body = {"bank_reference": one, "amount_cents": 100}
        assert office.post("treasurer", path + "/returns", body).status_code == 201
    begin = office.get("auditor", path + "/returns?limit=2")
    rest = office.get("auditor", path + f"/returns?limit=2&cursor={begin['next_cursor']}")
    read = [one["bank_reference"] for one in begin["items"] + rest["items"]]
    assert (read, rest["next_cursor"]) == (named[::-1], None)
