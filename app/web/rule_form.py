"""A rule set as an officer types it: tokens per unit or per deed, caps in tokens; and back.

Amounts are typed in tokens with a comma or a point; rules hold whole cents and fractions of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import SimpleNamespace
from typing import Any

from app.errors import Problem
from app.impact.catalogue import ActionType, catalogue
from app.rewards.cap_rules import cap_of
from app.rewards.rule_format import FORMAT_VERSION, IDENTITY_LEVELS, PAYABLE_PROOF_LEVELS, SPANS
from app.web import formats
from app.web.shell import PROOF_WORDS
from app.web.words import gettext as _
from app.web.words import locale

EACH, PER = "each", "per"
Form = Mapping[str, str]


def typed(rules: Mapping[str, Any]) -> dict[str, str]:
    """What the form shows for a rule set."""
    form = {"max_age_days": str(rules["max_age_days"])}
    for rate in rules["rates"]:
        form |= _typed_rate(rate)
    for level in IDENTITY_LEVELS:
        for span in SPANS:
            cents = cap_of(rules, level, span)
            form[f"cap_{level}_{span}"] = "" if cents is None else formats.plain_euros(cents)
    return form | {f"proof_{level}": "yes" for level in rules["proof_levels"]}


def _typed_rate(rate: Mapping[str, Any]) -> dict[str, str]:
    slug, most = rate["action_type"], rate.get("max_cents_per_action")
    shown = {f"most_{slug}": "" if most is None else formats.plain_euros(most)}
    if "cents_per_action" in rate:
        amount = formats.plain_euros(rate["cents_per_action"])
        return shown | {f"rate_{slug}": amount, f"way_{slug}": EACH}
    per, kind = rate["cents_per_unit"], catalogue().action_type(slug)
    tokens = Decimal(per["numerator"]) * kind.entry_size / per["denominator"] / 100
    return shown | {f"rate_{slug}": formats.plain_decimal(tokens), f"way_{slug}": PER}


def rules_of(form: Form) -> dict[str, Any]:
    """The rule set that was typed. Raises Problem that names the field; caps are checked later."""
    proofs = [one for one in PAYABLE_PROOF_LEVELS if form.get(f"proof_{one}") == "yes"]
    if not proofs:
        raise Problem("proof-missing", field=f"proof_{PAYABLE_PROOF_LEVELS[0]}")
    rates = [_rate(kind, form) for kind in catalogue().action_types() if _said(form, kind)]
    return {
        "version": FORMAT_VERSION,
        "rates": rates,
        "caps": [_cap(form, level, span) for level in IDENTITY_LEVELS[::-1] for span in SPANS],
        "proof_levels": proofs,
        "max_age_days": _days(form.get("max_age_days", "")),
    }


def _said(form: Form, kind: ActionType) -> bool:
    return bool(form.get(f"rate_{kind.id}", "").strip())


def _rate(kind: ActionType, form: Form) -> dict[str, Any]:
    cents, most = _cents(form, f"rate_{kind.id}", kind), form.get(f"most_{kind.id}", "").strip()
    rate: dict[str, Any] = {"action_type": kind.id}
    if form.get(f"way_{kind.id}") == EACH:
        if cents != cents.to_integral_value():
            raise _wrong(f"rate_{kind.id}", kind)
        rate["cents_per_action"] = int(cents)
    else:
        scale = 10 ** max(0, -int(cents.normalize().as_tuple().exponent))
        parts = {"numerator": int(cents * scale), "denominator": kind.entry_size * scale}
        rate["cents_per_unit"] = parts
    if most:
        whole = formats.cents_of(most)
        if whole is None:
            raise _wrong(f"most_{kind.id}", kind)
        rate["max_cents_per_action"] = whole
    elif "cents_per_unit" in rate:
        raise _wrong(f"most_{kind.id}", kind)
    return rate


def _cents(form: Form, name: str, kind: ActionType) -> Decimal:
    text = "".join(form[name].split()).replace(",", ".")
    try:
        cents = Decimal(text) * 100
    except InvalidOperation as error:
        raise _wrong(name, kind) from error
    if not (cents.is_finite() and 0 < cents <= formats.MAX_CENTS):
        raise _wrong(name, kind)
    if int(cents.normalize().as_tuple().exponent) < -6:
        raise _wrong(name, kind)
    return cents


def _wrong(field: str, kind: ActionType) -> Problem:
    return Problem("rate-not-understood", field=field, name=kind.name[locale()])


def _cap(form: Form, level: str, span: str) -> dict[str, Any]:
    name = f"cap_{level}_{span}"
    cents = formats.cents_of(form.get(name, ""))
    if cents is None:
        raise Problem("cap-not-understood", field=name)
    return {"scope": "citizen", "span": span, "level": level, "cents": cents}


def _days(text: str) -> int:
    if not (text.isdecimal() and len(text) < 4):
        raise Problem("age-not-understood", field="max_age_days")
    return int(text)


def rows(form: Form) -> list[SimpleNamespace]:
    """One row of the form for each kind of deed, with what was typed."""
    return [
        SimpleNamespace(
            id=kind.id,
            name=kind.name[locale()],
            unit=formats.unit(kind.entry_unit),
            rate=form.get(f"rate_{kind.id}", ""),
            way=form.get(f"way_{kind.id}", PER),
            most=form.get(f"most_{kind.id}", ""),
        )
        for kind in catalogue().action_types()
    ]


def level_words() -> dict[str, str]:
    return {
        "verified": _("identity verified"),
        "contact": _("known by a contact"),
        "card": _("card only"),
    }


def proof_words() -> list[tuple[str, str]]:
    return [(level, str(PROOF_WORDS[level])) for level in PAYABLE_PROOF_LEVELS]
