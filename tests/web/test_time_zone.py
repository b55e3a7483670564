"""Hours and days are those of the city, wherever it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.application import build
from app.config import Settings
from app.context import Application
from app.governance.models import Proposal
from app.identity.models import Organisation
from app.services import Services
from app.web import formats
from app.web.office.view import month_start
from app.web.telling import people_view
from tests.support.city import RULES
from tests.support.office import Office

LATE = datetime(2026, 3, 31, 21, 30, tzinfo=UTC)  # half past one in the next month, there
DAYS = {"first_day": 2, "last_day_to_earn": 60, "last_day_to_spend": 150}
ZONE = "Indian/Reunion"


@pytest.fixture
def far_off(services: Services) -> Iterator[Application]:
    zone = Settings.from_env({"TIME_ZONE": ZONE}).time_zone
    application = build(
        parts=replace(services, settings=replace(services.settings, time_zone=zone))
    )
    with application.test_request_context(headers={"Accept-Language": "en"}):
        yield application


@pytest.mark.usefixtures("far_off")
def test_pages_say_the_city_s_hours_and_days() -> None:
    assert formats.moment(LATE) == "1 Apr 2026, 01:30"
    assert formats.hour(LATE) == "01:30:00"
    assert formats.moment(LATE, "Europe/Paris") == "31 Mar 2026, 23:30"
    assert people_view.last_day(LATE) == "1 April 2026"
    assert month_start(LATE).isoformat() == "2026-04-01T00:00:00+04:00"


def test_what_officers_enter_lives_by_the_city_s_time(
    far_off: Application, services: Services
) -> None:
    with far_off.test_client() as client:
        office = Office(services, client)
        body = {"slug": "far-depot", "kind": "attester", "name": "Far depot"}
        today = datetime.now(UTC).date()
        made = office.post("one", "/organisations", body).get_json()
        programme = {
            "slug": "far-season",
            "name": {"fr": "Saison", "en": "Season"},
            "token_symbol": "FAR",
            **{name: (today + timedelta(days=days)).isoformat() for name, days in DAYS.items()},
            "rules": RULES,
            "acknowledged": True,
        }
        assert office.post("one", "/programmes", programme).status_code == 201
    with services.database.session() as session:
        entered = session.scalar(select(Organisation).where(col(Organisation.slug) == body["slug"]))
        assert entered is not None
        assert (str(entered.id), entered.time_zone) == (made["id"], ZONE)
        [proposed] = session.scalars(select(Proposal).where(col(Proposal.kind) == "programme"))
        assert proposed.payload["time_zone"] == ZONE
