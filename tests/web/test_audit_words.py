"""What the page of the audit says of a difference."""

from __future__ import annotations

import pytest
from flask import Flask

from app.reporting.audit.published import AsOf, Difference
from app.reporting.audit.run import DIFFERS, Report
from app.web.public.audit_words import difference
from app.web.public.figures import _result
from app.web.shell import page

BLOCK = ("Block 12,345 proves it.", "Le bloc 12\u202f345 le prouve.")
FOUND = {
    (1620, 2620): (
        "an id: the chain says 1,620, the city shows 2,620.",
        "an id\xa0: la chaîne dit 1\u202f620, la ville affiche 2\u202f620.",
    ),
    ("published", "missing"): (
        "an id: on the chain, and the city does not show it.",
        "an id\xa0: sur la chaîne, et la ville ne le montre pas.",
    ),
    ("once", "twice"): (
        "an id: the city shows it twice.",
        "an id\xa0: la ville le montre deux fois.",
    ),
    ("no such cell", "5 actions"): (
        "an id: the city shows it, and it is not on the chain.",
        "an id\xa0: la ville le montre, et il n’est pas sur la chaîne.",
    ),
}


@pytest.mark.parametrize("values", FOUND)
@pytest.mark.parametrize("block", [None, 12345])
@pytest.mark.parametrize(("position", "language"), [(0, "en"), (1, "fr")])
def test_it_is_said_in_the_reader_s_language_and_way_of_writing_numbers(
    application: Flask,
    values: tuple[int | str, int | str],
    block: int | None,
    position: int,
    language: str,
) -> None:
    said = FOUND[values][position] + (f" {BLOCK[position]}" if block else "")
    found = Difference("an id", "actions", *values, block)
    with application.test_request_context(headers={"Accept-Language": language}):
        assert difference(found) == said


@pytest.mark.parametrize(
    ("language", "of", "held"),
    [
        ("en", "figures as of block 12, 1 Nov 2026", "Block 34 published figures over an hour ago"),
        ("fr", "tels qu’au bloc 12, 1 nov. 2026", "Le bloc 34 a publié des chiffres il y a plus"),
    ],
)
@pytest.mark.parametrize("withheld", [None, 34])
def test_it_says_of_which_block_the_figures_are_and_what_is_withheld(
    application: Flask, language: str, of: str, held: str, withheld: int | None
) -> None:
    times = "2026-11-01T12:00:00+00:00", "2026-11-02T12:00:00+00:00"
    shown = AsOf(12, times[0], times[0], 40, times[1], withheld)
    trusted = {"node": "N", "chain_id": 1, "genesis_hash": "0x", "block": 40}
    trusted |= {"contracts": {"Programmes": "0x12"}, "contracts_by": "the site's word"}
    report = Report(DIFFERS, trusted, shown.checks(), 0, [], [], as_of=shown)
    with application.test_request_context(headers={"Accept-Language": language}):
        result = _result(report)
    assert of in result["as_of"]
    assert [held in one for one in result["differences"]] == [True] * (withheld is not None)


@pytest.mark.parametrize(
    ("field", "language", "said"),
    [
        ("distance_m", "en", "an id, distance in metres: the chain says 5, the city shows 1,620."),
        ("reward_cents", "fr", "an id, récompense en centimes\xa0: la chaîne dit 5, la ville"),
        ("people", "en", "an id, people: the chain says 5, the city shows 1,620."),
    ],
)
def test_what_is_no_number_of_deeds_is_named(
    application: Flask, field: str, language: str, said: str
) -> None:
    found = Difference("an id", field, 5, 1620, None)
    with application.test_request_context(headers={"Accept-Language": language}):
        assert difference(found).startswith(said)
        listed = difference(Difference("an id", field, {"low_g": None}, [True], None))
    assert ('{"low_g": null}' in listed, "[true]" in listed) == (True, True)


@pytest.mark.parametrize("named", [True, False])
def test_the_report_is_open_where_no_line_above_says_what_differs(
    application: Flask, named: bool
) -> None:
    """A check of the register itself has its words in the report alone."""
    result = {"code": 1, "as_of": "", "differences": ["this"] * named, "lines": ["DIFFERS that"]}
    with application.test_request_context(headers={"Accept-Language": "en"}):
        answer = page(
            "figures/verify.html", gateway="G", site="S", chain_id=1, genesis="", result=result,
            may_alter=False, altered=False,
        )  # fmt: skip
        shown = answer.get_data(as_text=True)
    assert ("<details open>" in shown) is not named
