"""What can go wrong, as domain errors: one exception, one catalogue of codes, two languages.

    define("payment-too-large", 422,
           en=("Too large", "{amount} is over {most}.", "Pay a part of it."),
           fr=("Trop élevé", "{amount} dépasse {most}.", "Payez-en une partie."))
    raise Problem("payment-too-large", field="amount_cents", amount=Euros(320), most=Euros(200))

A code never changes its meaning: programs depend on it. A package defines its codes where it
raises them. What was written before a Problem is rolled back, unless `keep=True`.

`on_constraint(name, code)` says which code a violated database constraint stands for, so that
the check isn't repeated in Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from app.money import Euros, Said
from app.typography import with_breaks_kept

DEFAULT_LANGUAGE = "fr"
Words = tuple[str, str, str]  # title, detail, remedy


@dataclass(frozen=True)
class Sentence:
    """What a person reads: what happened, more of it, what to do now."""

    title: str
    detail: str
    remedy: str


@dataclass(frozen=True)
class _Entry:
    status: int
    words: Mapping[str, Words]


CATALOGUE: dict[str, _Entry] = {}
CONSTRAINTS: dict[str, str] = {}
CEILINGS = {"ceiling_cents", "most_cents"}  # read as tokens: {ceiling}, {most}


def define(code: str, status: int, *, en: Words, fr: Words) -> None:
    """Adds a code; the same code twice with other words is a defect."""
    entry = _Entry(status, {"en": en, "fr": fr})
    if CATALOGUE.setdefault(code, entry) != entry:
        raise ValueError(f"problem code defined twice: {code}")


def on_constraint(name: str, code: str) -> None:
    """A violation of the database constraint `name` is the problem `code`."""
    if CONSTRAINTS.setdefault(name, code) != code:
        raise ValueError(f"constraint mapped twice: {name}")


def sentence(code: str, language: str, values: Mapping[str, Any]) -> Sentence:
    """The words of a code; KeyError for an unknown code, "?" for a value nobody gave."""
    words = CATALOGUE[code].words
    chosen = words.get(language, words[DEFAULT_LANGUAGE])
    shown = _Shown({name: _said(value, language) for name, value in values.items()})
    for name in CEILINGS & values.keys():
        shown[name.removesuffix("_cents")] = Euros(values[name]).said(language).strip("€\xa0")
    return Sentence(*(with_breaks_kept(part).format_map(shown) for part in chosen))


def _said(value: Any, language: str) -> Any:
    """Euros, days, states and faults of rules are written otherwise in each language."""
    return value.said(language) if isinstance(value, Said) else value


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


class Flaw(str):
    """A code with values that a marshmallow ValidationError can carry as a message."""

    __slots__ = ("values",)
    values: dict[str, Any]

    def __new__(cls, code: str, **values: Any) -> Flaw:
        flaw = super().__new__(cls, code)
        flaw.values = values
        return flaw


@dataclass(frozen=True)
class FieldProblem:
    """One wrong field: its dotted path and the code of what is wrong with it."""

    field: str
    code: str
    values: Mapping[str, Any] = dataclass_field(default_factory=dict)


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """A refusal or failure with a stable code. `values` fill the sentence; never secrets."""

    def __init__(
        self,
        code: str,
        *,
        field: str | None = None,
        fields: Iterable[FieldProblem] = (),
        keep: bool = False,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = CATALOGUE[code].status
        self.field = field
        self.keep = keep
        self.headers = dict(headers or {})
        self.values = values
        self.fields = list(fields)
        if field is not None:
            self.fields.append(FieldProblem(field, code, values))

    def sentence(self, language: str) -> Sentence:
        return sentence(self.code, language, self.values)

    def body(self, language: str, *, instance: str, reference: str) -> dict[str, Any]:
        """The members of problem+json (RFC 9457), with ours: code, errors, remedy, reference."""
        words = self.sentence(language)
        answer: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": words.title,
            "status": self.status,
            "detail": words.detail or words.title,
            "instance": instance,
            "code": self.code,
            "remedy": words.remedy,
            "reference": reference,
        }
        if self.fields:
            answer["errors"] = [_field_body(flaw, language) for flaw in self.fields]
        return answer


def _field_body(flaw: FieldProblem, language: str) -> dict[str, str]:
    words = sentence(flaw.code, language, flaw.values)
    return {
        "field": flaw.field,
        "code": flaw.code,
        "detail": words.detail or words.title,
        "remedy": words.remedy,
    }


class NotFound(Problem):
    """What was asked for does not exist, or is none of the asker's business."""

    def __init__(self, code: str = "not-found", **values: Any) -> None:
        super().__init__(code, **values)
