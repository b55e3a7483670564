"""What the page of the audit says of a difference."""

from __future__ import annotations

import pytest
from flask import Flask

from app.reporting.audit.published import Difference
from app.web.public.figures import _difference

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
        assert _difference(found) == said
