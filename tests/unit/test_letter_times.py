"""Letters say times as people of the city live them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.letter_times import day, in_words, moment

APP = Path(__file__).parents[2] / "app"
WINTER = datetime(2026, 12, 3, 13, 5, tzinfo=UTC)
NIGHT = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)


CENTRAL = "heure normale d’Europe centrale"
SUMMER = "heure d’été d’Europe centrale"
NOUMEA = "heure normale de la Nouvelle-Calédonie"
ENGLISH = "Central European Standard Time"


@pytest.mark.parametrize(
    ("at", "language", "zone", "said"),
    [
        (WINTER, "fr", "Europe/Paris", f"le jeudi 3 décembre 2026 à 14:05 ({CENTRAL})"),
        (WINTER, "en", "Europe/Paris", f"le Thursday 3 December 2026 at 14:05 ({ENGLISH})"),
        (NIGHT, "fr", "Europe/Paris", f"le mercredi 1 juillet 2026 à 00:30 ({SUMMER})"),
        (WINTER, "fr", "Pacific/Noumea", f"le vendredi 4 décembre 2026 à 00:05 ({NOUMEA})"),
    ],
)
def test_in_the_city_s_zone_with_its_name(
    at: datetime, language: str, zone: str, said: str
) -> None:
    assert in_words(f"le {moment(at, language)}", ZoneInfo(zone)) == said


def test_a_day_is_the_city_s_day_and_other_words_stay() -> None:
    text = f"Until {day(NIGHT, 'en')}; see civis-day:xx and civis-site:/me"
    assert in_words(text, ZoneInfo("Europe/Paris")) == (
        "Until 1 July 2026; see civis-day:xx and civis-site:/me"
    )


def test_no_letter_words_a_time_by_itself() -> None:
    """Whoever writes letters has times worded here; a time in UTC would be read as one's own."""
    writes = re.compile(r"queue_letter\(|letters import .*\bwrite\b")
    writers = [path for path in APP.rglob("*.py") if writes.search(path.read_text("utf-8"))]
    assert len(writers) > 5
    own = re.compile(r"\(UTC\)|:%Y|:%H|isoformat\(\)|strftime")
    wording = [path for path in writers if own.search(path.read_text("utf-8"))]
    assert [str(path.relative_to(APP)) for path in wording] == ["mail.py"], "its file names"
