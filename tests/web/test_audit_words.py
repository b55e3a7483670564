"""What the page of the audit says of a difference."""

from __future__ import annotations

import pytest
from flask import Flask

from app.reporting.audit.published import Difference
from app.web.public.figures import _difference

FRENCH = (
    "an id\xa0: la chaîne dit 1\u202f620, la ville affiche missing. Le bloc 12\u202f345 le prouve."
)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "an id: the chain says 1,620, the city shows missing. Block 12,345 proves it."),
        ("fr", FRENCH),
    ],
)
def test_its_numbers_are_written_as_all_others(
    application: Flask, language: str, said: str
) -> None:
    found = Difference("an id", "actions", 1620, "missing", 12345)
    with application.test_request_context(headers={"Accept-Language": language}):
        assert _difference(found) == said
