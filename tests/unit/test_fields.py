"""Every flaw of an input has a code, in both languages; nothing odd gets through."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import ValidationError

import app.error_catalogue
from app import chain_fields, fields
from app.error_answers import from_validation
from app.errors import CATALOGUE, Problem

ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


class Kind(enum.Enum):
    A = "a"
    B = "b"


class Inner(fields.Input):
    amount = fields.Cents(required=True)


class Everything(fields.Input):
    whole = fields.WholeNumber(low=1, high=5)
    cents = fields.Cents()
    big = fields.BigIntString()
    text = fields.Text(high=10)
    lines = fields.Text(high=20, lines=True)
    email = fields.Email()
    kind = fields.Choice(Kind)
    flag = fields.Flag()
    id = fields.Id()
    at = fields.UtcTime()
    day = fields.Day()
    address = chain_fields.Address()
    hash = chain_fields.Hash32()
    inner = fields.Nested(Inner)
    many = fields.List(fields.Nested(Inner))


GOOD: list[tuple[str, Any, Any]] = [
    ("whole", 5, 5),
    ("big", str(2**256 - 1), 2**256 - 1),
    ("text", "  caf\u0065\u0301 ", "café"),
    ("lines", "a\r\nb", "a\nb"),
    ("email", "Citizen-1@Demo.example", "citizen-1@demo.example"),
    ("kind", "b", Kind.B),
    ("at", "2026-11-23T19:00:00+01:00", datetime(2026, 11, 23, 18, tzinfo=UTC)),
    ("at", "2026-11-23T18:00:00.25Z", datetime(2026, 11, 23, 18, microsecond=250000, tzinfo=UTC)),
    ("address", ADDRESS.lower(), ADDRESS),
    ("hash", "0x" + "0a" * 32, bytes([10]) * 32),
]
BAD: list[tuple[str, Any, str]] = [
    ("whole", 0, "out-of-range"),
    ("whole", 6, "out-of-range"),
    ("whole", True, "not-whole"),
    ("whole", 1.0, "not-whole"),
    ("whole", "3", "not-whole"),
    ("whole", None, "field-null"),
    ("cents", 0, "out-of-range"),
    ("cents", -1, "out-of-range"),
    ("cents", 1.5, "not-whole"),
    ("cents", 10**30, "out-of-range"),
    ("big", 5, "not-big-whole"),
    ("big", "-1", "out-of-range"),
    ("big", str(2**256), "out-of-range"),
    ("big", "１", "not-big-whole"),
    ("text", 5, "not-text"),
    ("text", " ", "text-length"),
    ("text", "x" * 11, "text-length"),
    ("text", "a\nb", "text-control"),
    ("text", "a\x00b", "text-control"),
    ("text", "a\u202eb\ud800", "text-control"),
    ("text", "a\u2028b", "text-control"),
    ("text", "a\u2029b", "text-control"),
    ("lines", "a\x1bb", "text-control"),
    ("email", "nobody", "not-an-email"),
    ("email", "a@b.example\nbcc:x", "text-control"),
    ("kind", "c", "not-a-choice"),
    ("kind", ["a"], "not-a-choice"),
    ("flag", 1, "not-a-flag"),
    ("id", "1", "not-an-id"),
    ("id", 7, "not-an-id"),
    ("at", "2026-11-23T18:00:00", "not-a-time"),
    ("at", "2026-11-31T18:00:00Z", "not-a-time"),
    ("at", "0001-01-01T00:00:00+14:00", "not-a-time"),
    ("at", 1763920800, "not-a-time"),
    ("day", "23.11.2026", "not-a-day"),
    ("day", "2026-02-30", "not-a-day"),
    ("address", ADDRESS.replace("5290", "5291"), "not-an-address"),
    ("address", ADDRESS.removeprefix("0x"), "not-an-address"),
    ("hash", "0x" + "0a" * 31, "not-hex"),
    ("inner", 5, "not-an-object"),
    ("many", {}, "not-a-list"),
    ("other", 1, "field-unknown"),
]


@pytest.mark.parametrize(("name", "given", "loaded"), GOOD)
def test_a_good_value_is_loaded_in_one_form(name: str, given: object, loaded: object) -> None:
    assert Everything().load({name: given}) == {name: loaded}


@pytest.mark.parametrize(("name", "given", "code"), BAD)
def test_a_bad_value_is_refused_by_its_code(name: str, given: object, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Everything().load({name: given})
    problem = from_validation(caught.value)
    assert [(flaw.field, flaw.code) for flaw in problem.fields] == [(name, code)]
    for language in ("en", "fr"):
        (shown,) = problem.body(language, instance="/", reference="R")["errors"]
        assert shown["detail"]
        assert shown["remedy"]
        assert "?" not in shown["detail"]


def test_flaws_inside_lists_are_named_by_their_path() -> None:
    with pytest.raises(ValidationError) as caught:
        Everything().load({"many": [{"amount": 1}, {"amount": 0, "extra": 1}, {}]})
    found = {(flaw.field, flaw.code) for flaw in from_validation(caught.value).fields}
    assert found == {
        ("many.1.amount", "out-of-range"),
        ("many.1.extra", "field-unknown"),
        ("many.2.amount", "field-required"),
    }


def test_a_body_that_is_no_object_is_refused() -> None:
    given: Any = [1]
    with pytest.raises(ValidationError) as caught:
        Everything().load(given)
    assert [flaw.code for flaw in from_validation(caught.value).fields] == ["not-an-object"]


@pytest.mark.parametrize("code", sorted(app.error_catalogue.HTTP))
def test_every_common_problem_is_a_full_sentence_in_both_languages(code: str) -> None:
    words = {language: Problem(code).sentence(language) for language in ("en", "fr")}
    assert words["en"].title
    assert words["en"].remedy
    assert words["fr"].title not in ("", words["en"].title)
    assert words["fr"].remedy
    assert 400 <= CATALOGUE[code].status < 600
