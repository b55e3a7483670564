"""A programme with impossible dates is refused by field; a wrong funding is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.context import Application
from app.services import Services
from app.web.rule_sets import rule_form
from app.web.rule_sets.rule_ways import EXAMPLE
from tests.support.city import RULES, City
from tests.support.office import Office

TODAY = datetime.now(UTC).date()


@pytest.fixture
def office(services: Services, application: Application) -> Iterator[Office]:
    with application.test_client() as client:
        yield Office(services, client)


def days(first: date, earn: date, spend: date) -> dict[str, str]:
    names = ("first_day", "last_day_to_earn", "last_day_to_spend")
    return {name: day.isoformat() for name, day in zip(names, (first, earn, spend), strict=True)}


def ahead(number: int) -> date:
    return TODAY + timedelta(days=number)


WRONG = [
    ("date-is-past", "last_day_to_earn", days(ahead(-90), ahead(-60), ahead(-30))),
    ("date-is-past", "last_day_to_earn", days(ahead(-90), ahead(-2), ahead(30))),
    ("date-too-far", "last_day_to_spend", days(TODAY, ahead(30), date(9999, 12, 31))),
    ("date-too-far", "first_day", days(date(1, 1, 1), ahead(30), ahead(60))),
    ("dates-out-of-order", "last_day_to_earn", days(ahead(40), ahead(30), ahead(60))),
    ("dates-out-of-order", "last_day_to_spend", days(TODAY, ahead(30), ahead(20))),
    ("too-short-to-spend", "last_day_to_spend", days(TODAY, ahead(30), ahead(119))),
]


@pytest.mark.parametrize(("code", "field", "dates"), WRONG)
def test_by_the_api(office: Office, code: str, field: str, dates: dict[str, str]) -> None:
    names = {"slug": uuid4().hex, "name": {"fr": "Été", "en": "Summer"}, "token_symbol": "ETE"}
    answer = office.post(
        "one", "/programmes", {**names, **dates, "rules": RULES, "acknowledged": True}
    )
    assert answer.status_code == 422
    assert answer.get_json()["code"] == code
    assert [each["field"] for each in answer.get_json()["errors"]] == [field]


@pytest.mark.parametrize(("code", "field", "dates"), WRONG)
def test_by_the_page(
    office: Office, code: str, field: str, dates: dict[str, str], application: Application
) -> None:
    with application.test_request_context("/"):
        rules = rule_form.typed(RULES)
    form = {"name_fr": "Été", "name_en": "Summer", "slug": uuid4().hex, "token_symbol": "ETE"}
    typed = {
        **rules,
        **EXAMPLE,
        **form,
        **dates,
        "budget": "1000.00",
        "step": "propose",
        "seen": "yes",
    }
    path = "/office/programmes/new"
    answer = office.send("one", path, path, typed)
    assert answer.status_code == 422, (code, field)
    said = {
        "date-is-past": "is past", "date-too-far": "too far", "dates-out-of-order": "order",
        "too-short-to-spend": "Too few days to spend",
    }  # fmt: skip
    assert said[code] in answer.text
    assert dates[field] in answer.text, "what was typed is kept"


def test_a_wrong_funding_is_withdrawn_by_any_treasurer(office: Office, services: Services) -> None:
    with services.database.transaction() as session:
        programme = City(session, services.clock.now(session)).programme()
        path = f"/programmes/{programme.id}/funding"
    asked: dict[str, Any] = {"amount_cents": 90_000, "bank_reference": uuid4().hex}
    made = office.post("treasurer", path, asked).get_json()
    withdrawal = f"/funding/{made['id']}/withdrawal"
    assert office.post("one", withdrawal).status_code == 403
    page = office.look("treasurer", "/treasury")
    assert "Withdraw this funding" in page
    form = f"/treasury/fundings/{made['id']}/withdrawal"
    assert office.send("treasurer", "/treasury", form, {}).status_code == 303
    confirmed = office.post("treasurer-2", f"/funding/{made['id']}/confirmation")
    assert confirmed.get_json()["code"] == "funding-withdrawn"
    assert office.post("treasurer-2", withdrawal).get_json()["code"] == "funding-withdrawn"
    again = office.post("treasurer", path, asked)
    assert again.get_json()["code"] == "bank-reference-known", "until the chain let it go"
    other = office.post("treasurer", path, asked | {"bank_reference": uuid4().hex}).get_json()
    taken = office.post("treasurer-2", f"/funding/{other['id']}/withdrawal").get_json()
    assert taken["withdrawn_at"] is not None
