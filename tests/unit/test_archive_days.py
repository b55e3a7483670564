"""A season's last day is the city's; the chain has the second at which it ends there."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.reporting.audit.archive import day_of
from app.rewards.programmes import end_of

DAY = date(2026, 12, 31)  # summer in the south, where zones are furthest from UTC
ZONES = (
    "Europe/Paris", "UTC", "Pacific/Kiritimati", "Pacific/Auckland", "Pacific/Pago_Pago",
    "Etc/GMT+12", "America/New_York", "Asia/Kathmandu",
)  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_the_day_that_the_city_tells_is_the_chain_s_in_any_zone(zone: str) -> None:
    assert day_of(end_of(DAY, ZoneInfo(zone)), str(DAY)) == str(DAY)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("days", [-366, -2, 2, 366])
def test_another_day_is_not(zone: str, days: int) -> None:
    told = str(DAY + timedelta(days=days))
    assert day_of(end_of(DAY, ZoneInfo(zone)), told) != told


@pytest.mark.parametrize("days", [-1, 1])
def test_in_europe_the_next_is_not_either(days: int) -> None:
    told = str(DAY + timedelta(days=days))
    assert day_of(end_of(DAY, ZoneInfo("Europe/Paris")), told) != told


@pytest.mark.parametrize("told", ["", "soon", "2026-12-32", "20261231"])
def test_what_is_no_day_is_none(told: str) -> None:
    assert day_of(end_of(DAY, ZoneInfo("Europe/Paris")), told) == "2026-12-31"


def test_a_season_without_end_has_the_last_day_there_is() -> None:
    assert day_of(2**63, "9999-12-31") == "9999-12-31"
