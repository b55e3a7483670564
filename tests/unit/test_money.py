"""Amounts: written as each language does, typed in digits only, asked about when strange."""

from __future__ import annotations

from importlib import import_module

import pytest

from app.errors import sentence
from app.merchants import letters, problems
from app.merchants.plausible import is_unusual
from app.money import Euros
from app.web.formats import cents_of
from app.web.problems import Place


@pytest.mark.parametrize(
    ("cents", "french", "english"),
    [
        (5, "0,05\xa0€", "€0.05"),
        (320, "3,20\xa0€", "€3.20"),
        (100_000_000, "1\u202f000\u202f000,00\xa0€", "€1,000,000.00"),
        (-120, "-1,20\xa0€", "-€1.20"),
    ],
)
def test_euros_are_said_in_each_language(cents: int, french: str, english: str) -> None:
    assert (Euros(cents).said("fr"), Euros(cents).said("en")) == (french, english)


def test_ceilings_and_places_are_said_in_the_readers_language() -> None:
    import_module("app.chain.signer_protocol")  # brings the sentences
    ceiling = {"ceiling_cents": 50_000}
    french, english = (
        sentence("signer-day-ceiling", spoken, ceiling).detail for spoken in ("fr", "en")
    )
    assert ("500,00 jetons" in french, "500.00 tokens" in english) == (True, True)
    wrong = {"place": Place("line 2, column 'x'"), "what": "is no time"}
    french = sentence("history-not-understood", "fr", wrong).detail
    assert french[:20] == "ligne 2, colonne 'x'"
    assert sentence("history-not-understood", "en", wrong).detail == (
        "line 2, column 'x': is no time."
    )


def test_a_problem_says_its_amount_in_the_readers_language() -> None:
    values = problems.too_much_back("refund-too-large", 120).values
    assert (
        sentence("refund-too-large", "fr", values).detail == "1,20\xa0€ peuvent encore être rendus."
    )
    assert sentence("refund-too-large", "en", values).detail == "€1.20 can still be given back."


def test_no_remedy_speaks_of_a_partial_payment() -> None:
    for code in ("balance-too-low", "tokens-not-taken-here", "programme-closed"):
        assert "Ask the shop" in sentence(code, "en", {}).remedy


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("3,20", 320), ("3.2", 320), ("1 200,50 €", 120_050), ("1\u202f200", 120_000), (",5", 50)],
)
def test_amounts_as_people_type_them(typed: str, cents: int) -> None:
    assert cents_of(typed) == cents


@pytest.mark.parametrize("typed", ["1e3", "0x10", "1_000", "٣", "-1", "+1", "0", "1,200.50", "NaN"])
def test_what_is_no_amount(typed: str) -> None:
    assert cents_of(typed) is None


@pytest.mark.parametrize(
    ("cents", "earlier", "strange"),
    [
        (5_000, [], False),
        (5_001, [], True),
        (12_000, [120, 320, 240], True),
        (2_000, [120, 320, 240], False),
        (12_000, [2_500, 3_000, 900], False),
    ],
)
def test_strange_amounts_are_asked_about(cents: int, earlier: list[int], strange: bool) -> None:
    assert is_unusual(cents, earlier) is strange


def test_letters_leave_the_amount_to_its_language() -> None:
    for texts in (letters.PAID, letters.REFUNDED):
        assert "€" not in "".join(part for words in texts.values() for part in words)
