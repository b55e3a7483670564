"""What a page says of a number is what Babel says, only sooner; tables escape each cell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup

from app.web import formats
from app.web.charts import bars
from app.web.rendering import table_rows
from app.web.words import speech_of

WHOLE = (0, 1, -1, 12, 999, 1000, -1000, 10_000, 123_456, 1_234_567, 10**12)
PARTS = (0.0, 0.1, 0.05, 2.5, 9.99, 12.0, 12.3, 1234.5, 1_234_567.125, -3.5)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_numbers_are_written_as_the_language_does(language: str) -> None:
    spoken = speech_of(language)
    for number in WHOLE:
        assert formats.whole(number, spoken) == format_decimal(number, locale=language)
        tokens = format_decimal(Decimal(number) / 100, "#,##0.00", locale=language)
        assert formats.tokens(number, spoken).split()[0] == tokens.split()[0]
        assert tokens in formats.tokens(number, spoken)
    for part in PARTS:
        for value in (part, Decimal(str(part))):
            said = formats.plain_number(value, spoken)
            assert said == format_decimal(value, locale=language)


def test_words_follow_the_language() -> None:
    french, english = speech_of("fr"), speech_of("en")
    assert formats.month(date(2026, 12, 1), french) == format_date(
        date(2026, 12, 1), "MMM y", locale="fr"
    )
    assert (formats.mass(1_234_567, french), formats.mass(1_234_567, english)) == ("1,2 t", "1.2 t")
    assert formats.amount(1, "item", english) == "1 piece"
    assert formats.amount(2, "item", english) == "2 pieces"
    assert formats.amount(12.34, "kg", french) == "12,3 kg"


def test_every_cell_of_a_table_is_escaped() -> None:
    table = table_rows([("<b>", "1"), ("a & b", "2")], numbers=[1])
    assert isinstance(table, Markup)
    assert table == (
        '<tr><td>&lt;b&gt;</td><td class="number">1</td></tr>\n'
        '<tr><td>a &amp; b</td><td class="number">2</td></tr>\n'
    )
    assert table_rows([]) == ""


def test_the_tallest_bar_fills_the_chart_and_nothing_draws_nothing() -> None:
    spoken = speech_of("en")
    drawn = bars({date(2026, 2, 1): 50, date(2026, 1, 1): 100}, spoken)
    assert drawn.count("<rect") == 2
    assert drawn.index("Jan 2026: 100") < drawn.index("Feb 2026: 50")
    assert 'height="145.0"' in drawn
    assert 'height="72.5"' in drawn
    assert bars({}, spoken) == bars({date(2026, 1, 1): 0}, spoken) == ""
