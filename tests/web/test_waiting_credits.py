"""A deed's owner reads from which day on it is credited, and why not before: pages and API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID

import pytest
from babel.dates import format_date

from app.actions.models import Action
from app.db import uuid7
from app.outbox.pauses import pause, resume
from app.rewards.batches.plan_models import CreditPlan, Short
from app.rewards.models import Batch, BatchState
from app.services import Services
from tests.support.town import Town

CEILING = 10  # cents, which a deed brings and which others were credited today


@pytest.fixture
def deed(town: Town) -> UUID:
    """Its delay is over, and the day's ceiling lets nothing of it through today."""
    made = UUID(town.post("clerk", "/attestations", town.signed(town.identify()))["id"])
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        session.get_one(Action, made).due_at = now - timedelta(minutes=1)
        plan = CreditPlan(programme_id=town.programme_id, planned_at=now)
        plan.daily_ceiling_cents, plan.short_of = CEILING, Short.DAY_CEILING
        session.merge(plan)
        session.add(_credited_today(town.programme_id, now))
    return made


def _credited_today(programme_id: UUID, now: datetime) -> Batch:
    return Batch(
        id=uuid7().bytes * 2,
        programme_id=programme_id,
        root=bytes(32),
        action_count=1,
        reward_cents=CEILING,
        credits=[],
        artefact="",
        state=BatchState.FINAL,
        created_at=now,
        final_at=now,
    )


def tomorrow(services: Services) -> datetime:
    with services.database.session() as session:
        now = services.clock.now(session).astimezone(UTC)
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def read(town: Town, path: str, language: str) -> str:
    headers = {"Authorization": f"Bearer {town.tokens['citizen']}", "Accept-Language": language}
    answer = town.client.get(path, headers=headers)
    assert answer.status_code == 200
    return unescape(answer.text)


def test_the_day_of_the_credit_and_then_a_pause(town: Town, deed: UUID) -> None:
    day = tomorrow(town.services)
    [own] = town.get("citizen", "/me/actions")["items"]
    [coming] = town.get("citizen", "/me/balance")["coming"]
    for said in (own, coming, town.get("citizen", f"/me/actions/{deed}")):
        assert said["waits_for"] == "day_ceiling"
        assert datetime.fromisoformat(said["waits_until"]) == day
    place = town.services.settings.time_zone
    for language, words in (
        ("en", "credited from {day} on: day ceiling"),
        ("fr", "crédité à partir du {day} : plafond du jour"),
    ):
        named = format_date(day.astimezone(place).date(), "EEEE d MMMM", locale=language)
        for path in ("/me", f"/me/deeds/{deed}"):
            shown = read(town, path, language).replace("\u202f", " ").replace("\xa0", " ")
            assert words.format(day=named) in shown, (path, language)
    with town.services.database.transaction() as session:
        now = town.services.clock.now(session)
        pause(session, "minter", reason="by ana: the key moves tonight", now=now)
    assert town.get("citizen", f"/me/actions/{deed}")["waits_for"] == "pause"
    assert "crediting is paused" in read(town, "/me", "en")
    assert "les crédits sont en pause" in read(town, f"/me/deeds/{deed}", "fr")
    with town.services.database.transaction() as session:
        assert resume(session, "minter")
    with town.services.database.transaction() as session:
        session.get_one(CreditPlan, town.programme_id).daily_ceiling_cents = CEILING - 1
    said = town.get("citizen", f"/me/actions/{deed}")
    assert (said["waits_for"], said["waits_until"]) == ("day_ceiling", None)  # it fits on no day
