"""The band of a day, and the month in which to ask again; no birth date stays."""

from __future__ import annotations

from datetime import date

import pytest

from app.identity.ages import Age, AgeBand, age_of

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(2011, 11, 30), Age(AgeBand.UNDER_15, date(2026, 12, 1))),
        (date(2011, 11, 29), Age(AgeBand.FROM_15_TO_17, date(2029, 12, 1))),
        (date(2012, 12, 3), Age(AgeBand.UNDER_15, date(2028, 1, 1))),
        (date(2008, 11, 30), Age(AgeBand.FROM_15_TO_17, date(2026, 12, 1))),
        (date(2008, 11, 29), Age(AgeBand.ADULT, None)),
        (date(2008, 2, 29), Age(AgeBand.FROM_15_TO_17, date(2026, 3, 1))),
        (date(1930, 1, 1), Age(AgeBand.ADULT, None)),
    ],
)
def test_the_band_and_its_end(born: date, age: Age) -> None:
    today = date(2026, 2, 28) if born == date(2008, 2, 29) else TODAY
    assert age_of(born, today) == age


def test_the_month_told_is_never_before_the_birthday() -> None:
    for month in range(1, 13):
        born = date(2010, month, 28)
        until = age_of(born, TODAY).until
        assert until is not None
        assert until > date(2025 if until.year < 2027 else 2028, month, 28)
