"""What was found out about a deed, in words, and as an officer types it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import Problem, define
from app.openapi import MAX_DIGITS
from app.rewards.valuing.found_facts import FACTS, PLACES
from app.web import formats, forms
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l

LABELS = {
    "distance_m": _l("Distance in metres"),
    "seats": _l("Seats"),
    "contribution_cents": _l("Paid by the other participant, in euros"),
    "revenue_cents": _l("Paid to the citizen for it, in euros"),
    "other_adult": _l("The other participant is 18 or older"),
    "proof_class": _l("Class of proof in the partner's register"),
    "start": _l("Where it began"),
    "end": _l("Where it ended"),
}
SOURCE_WORDS = {
    "papers": _l("seen on papers"),
    "attester": _l("asked who vouched for it"),
    "partner": _l("asked the partner"),
    "register": _l("looked up in a register"),
    "map": _l("measured on a map"),
}
EUROS = ("contribution_cents", "revenue_cents")
YES_OR_NO = ("other_adult",)
KINDS = {
    **dict.fromkeys(EUROS, "euros"),
    **dict.fromkeys(YES_OR_NO, "yes"),
    **dict.fromkeys(PLACES, "codes"),
    "proof_class": "text",
}  # of its field; of the others: a number


define(
    "code-not-understood",
    422,
    en=("A place is not understood", "Kind, colon, code.", "Such as insee:34172."),
    fr=("Un lieu n’est pas compris", "Genre, deux-points, code.", "Par exemple insee:34172."),
)


def said(facts: Mapping[str, Any]) -> list[str]:
    """A line for each."""
    return [
        _("%(fact)s: %(value)s", fact=str(LABELS[name]), value=_value(name, facts[name]))
        for name in FACTS
        if name in facts
    ]


def _value(name: str, value: Any) -> str:
    if name in YES_OR_NO:
        return _("yes") if value else _("no")
    if name in EUROS:
        return formats.euros(value)
    if name in PLACES:
        return ", ".join(f"{kind} {code}" for kind, code in sorted(value.items()))
    return str(value)


def typed(form: Mapping[str, str]) -> dict[str, Any]:
    """The form's fields that were filled in, as the API takes them. Raises Problem."""
    filled = {name: form[name].strip() for name in FACTS if form.get(name, "").strip()}
    return {name: _typed(name, text) for name, text in filled.items()}


def _typed(name: str, text: str) -> Any:
    if name in EUROS:
        return forms.cents(name)
    if name in YES_OR_NO:
        return text == "yes"
    if name in PLACES:
        return dict(_code(name, part) for part in text.split(","))
    if name == "proof_class" or not (text.isdecimal() and len(text) <= MAX_DIGITS):
        return text  # what is no number is refused as such
    return int(text)


def _code(name: str, text: str) -> tuple[str, str]:
    kind, colon, code = text.partition(":")
    if not colon:
        raise Problem("code-not-understood", field=name)
    return kind.strip(), code.strip()
