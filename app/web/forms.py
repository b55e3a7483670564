"""A page's form, read by the API's own schema: what a program may not write, no form may either.

    forms.load(NewFunding, {"amount_cents": forms.cents("amount"), **forms.given("bank_reference")})

What is wrong is the page's problem, which names the field as the page does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from app.context import language
from app.error_answers import from_validation
from app.errors import Problem, define, sentence
from app.openapi import MAX_DIGITS
from app.web import formats
from app.web.words import lazy_gettext as _l

LABELS = {
    "account_holder": _l("Account holder"),
    "actions_per_day": _l("deeds"),
    "amount_cents": _l("Amount in euros"),
    "count": _l("How many"),
    "bank_reference": _l("Reference of the bank transfer"),
    "district": _l("District"),
    "iban": _l("IBAN"),
    "kind": _l("Kind"),
    "label": _l("For what"),
    "name": _l("Name"),
    "reason": _l("Reason"),
    "reward_cents_per_day": _l("tokens"),
    "hours": _l("Hours"),
    "known_by": _l("E-mail address, or number of eight digits"),
    "programme_id": _l("Programme"),
    "paper_on": _l("Day on the paper"),
    "slug": _l("Short name for addresses"),
    "gift_to": _l("Association"),
    "family_name": _l("Family name"),
    "given_names": _l("Given names, all of them"),
    "born": _l("Birth date"),
    "purpose": _l("Which use, if you object to one"),
    "text": _l("The text"),
}

define(
    "form-field-wrong",
    422,
    en=("{name}: please correct this", "{what}", "{how}"),
    fr=("{name} : à corriger", "{what}", "{how}"),
)


def load(schema: type[Schema], said: Mapping[str, Any]) -> dict[str, Any]:
    """What the API would read. Raises Problem form-field-wrong, of the first wrong field."""
    try:
        read: dict[str, Any] = schema().load(said)
    except ValidationError as error:
        flaw = from_validation(error).fields[0]
        words = sentence(flaw.code, language(), flaw.values)
        raise Problem(
            "form-field-wrong",
            field=flaw.field,
            name=str(LABELS.get(flaw.field, flaw.field)),
            what=words.detail or words.title,
            how=words.remedy,
        ) from error
    return read


def given(*names: str) -> dict[str, str]:
    """These fields of the form, without those left empty."""
    typed = {name: request.form.get(name, "") for name in names}
    return {name: text for name, text in typed.items() if text.strip()}


def number(name: str) -> int | str:
    """A whole number as typed; what is none, or too long for any of ours, as the text it is."""
    typed = request.form.get(name, "").strip()
    return int(typed) if typed.isdecimal() and len(typed) <= MAX_DIGITS else typed


def cents(name: str) -> int:
    """An amount typed in euros. Raises Problem amount-not-understood."""
    found = formats.cents_of(request.form.get(name, ""))
    if found is None:
        raise Problem("amount-not-understood", field=name)
    return found


def last_day(name: str) -> datetime:
    """The end of a day that was typed, here. Raises Problem day-not-understood."""
    try:
        last = date.fromisoformat(request.form.get(name, ""))
        return datetime.combine(last + timedelta(days=1), time(), formats.here())
    except (ValueError, OverflowError) as error:
        raise Problem("day-not-understood", field=name) from error
