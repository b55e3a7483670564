"""`civis appoint`: the first people's roles end with a day of the city, and which is said."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlmodel import col

from app.cli import civis
from app.config import DatabaseRole
from app.identity.models import Role, RoleGrant
from app.services import Services


@pytest.mark.parametrize(
    ("zone", "role", "as_json"),
    [("Pacific/Noumea", Role.OFFICER, True), ("America/Los_Angeles", Role.TREASURER, False)],
)
def test_the_roles_end_with_the_last_day_in_the_city(
    services: Services, zone: str, role: Role, as_json: bool
) -> None:
    environ = {
        "CIVIS_HOME": str(services.settings.home),
        "DATABASE_URL": services.settings.database_url(DatabaseRole.APP),
        "DATABASE_URL_MIGRATOR": services.settings.database_url(DatabaseRole.MIGRATOR),
        "CHAIN_RPC_URLS": "http://127.0.0.1:1",
        "PUBLIC_URL": "https://civis.example",
        "TIME_ZONE": zone,
    }
    named = (f"--{role.value}=a@{role.value}.example", f"--{role.value}=b@{role.value}.example")
    words = ["appoint", *named, "--days", "40", *(["--json"] if as_json else [])]
    before = datetime.now(ZoneInfo(zone)).date()
    done = CliRunner().invoke(civis, words, env=environ)
    after = datetime.now(ZoneInfo(zone)).date()
    assert done.exit_code == 0, done.output
    with services.database.session() as session:
        given = select(RoleGrant).where(col(RoleGrant.role) == role)
        ends = {one.valid_until for one in session.scalars(given)}
    lasts = {day + timedelta(days=40) for day in (before, after)}
    [last] = [day for day in lasts if ends == {_midnight(day + timedelta(days=1), zone)}]
    if as_json:
        told = json.loads(done.output)
        assert told["last_day"] == last.isoformat()
        assert datetime.fromisoformat(told["valid_until"]) in ends
    else:
        assert f"2 {role.value}s until the end of {last}" in done.output


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
