"""An amount in words: the lines of a valuation as sentences, in French and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from app.rewards.rules import Line

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "per_unit": "{quantity} at {rate} for each {per}: {amount}.",
        "per_action": "For the action: {amount}.",
        "max_per_action": "One action brings at most {max}: {amount}.",
        "cap_day": "{already} of at most {cap} a day were promised already: {amount}.",
        "cap_month": "{already} of at most {cap} a month were promised already: {amount}.",
        "budget": "The programme's money has only {left} left: {amount}.",
        "not_rewarded": "This programme doesn't reward this kind of action.",
        "proof_not_paid": "This programme doesn't pay for actions that are {proof}.",
        "too_old": "Recorded {age} days after the deed; this programme pays up to {max_age}.",
    },
    "fr": {
        "per_unit": "{quantity} à {rate} pour {per} : {amount}.",
        "per_action": "Pour l'action : {amount}.",
        "max_per_action": "Une action rapporte au plus {max} : {amount}.",
        "cap_day": "{already} sur {cap} au plus par jour étaient déjà promis : {amount}.",
        "cap_month": "{already} sur {cap} au plus par mois étaient déjà promis : {amount}.",
        "budget": "Il ne reste que {left} dans le budget du programme : {amount}.",
        "not_rewarded": "Ce programme ne récompense pas ce type d'action.",
        "proof_not_paid": "Ce programme ne paie pas les actions {proof}.",
        "too_old": "Enregistrée {age} jours après les faits ; ce programme paie jusqu'à {max_age}.",
    },
}
PROOFS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "declared": "only declared",
        "evidenced": "shown by a photo or a trace",
        "attested": "attested on the spot",
        "measured": "measured by a device or a partner",
        "corroborated": "confirmed by two sources",
    },
    "fr": {
        "declared": "seulement déclarées",
        "evidenced": "montrées par une photo ou une trace",
        "attested": "attestées sur place",
        "measured": "mesurées par un appareil ou un partenaire",
        "corroborated": "confirmées par deux sources",
    },
}
# Smallest unit -> the unit people read, and how many of the smallest make one.
READ_AS: Mapping[str, tuple[str, int]] = {
    "m": ("km", 1000),
    "g": ("kg", 1000),
    "ml": ("l", 1000),
    "Wh": ("kWh", 1000),
    "s": ("min", 60),
}
NOUNS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {"token": ("token", "tokens"), "cent": ("cent", "cents"), "item": ("item", "items")},
    "fr": {"token": ("jeton", "jetons"), "cent": ("centime", "centimes"),
           "item": ("pièce", "pièces")},
}  # fmt: skip
NARROW_SPACE = "\u202f"


def explain(lines: Iterable[Line], language: str) -> list[str]:
    """A sentence for each line. KeyError for a language other than fr and en."""
    return [sentence(line, language) for line in lines]


def sentence(line: Line, language: str) -> str:
    """One line in words."""
    words = {"amount": tokens(line.cents, language)} | _words(line.values, language)
    return SENTENCES[language][line.code].format(**words)


def tokens(cents: int, language: str) -> str:
    """An amount of tokens: "3.20 tokens", "3,20 jetons", a real minus sign before a loss."""
    amount = Decimal(cents).scaleb(-2)
    return f"{_number(amount, language, '.2f')} {_noun('token', amount, language)}"


def measure(quantity: int, unit: str, language: str) -> str:
    """A quantity in the unit people read; small ones stay in the smallest: "4.2 km", "200 m"."""
    if unit == "item":
        return f"{_number(Decimal(quantity), language)} {_noun(unit, Decimal(quantity), language)}"
    read_as, size = READ_AS[unit]
    if abs(quantity) < size:
        return f"{quantity} {unit}"
    exact = (Decimal(quantity) / size).quantize(Decimal("0.001"))
    return f"{_number(exact.normalize(), language)} {read_as}"


def _words(values: Mapping[str, Any], language: str) -> dict[str, str]:
    words: dict[str, str] = {}
    if "quantity" in values:
        unit, cents = values["unit"], values["numerator"]
        words["quantity"] = measure(values["quantity"], unit, language)
        words["per"] = measure(values["denominator"], unit, language)
        words["rate"] = f"{cents} {_noun('cent', Decimal(cents), language)}"
    amounts = {"max_cents": "max", "cap_cents": "cap", "already_cents": "already"}
    amounts["left_cents"] = "left"
    words |= {word: tokens(values[key], language) for key, word in amounts.items() if key in values}
    days = {"age_days": "age", "max_age_days": "max_age"}
    words |= {word: str(values[key]) for key, word in days.items() if key in values}
    if "proof_level" in values:
        words["proof"] = PROOFS[language][values["proof_level"]]
    return words


def _number(number: Decimal, language: str, form: str = "f") -> str:
    text = f"{abs(number):,{form}}"
    if language == "fr":
        text = text.replace(",", NARROW_SPACE).replace(".", ",")
    return f"\u2212{text}" if number < 0 else text


def _noun(noun: str, number: Decimal, language: str) -> str:
    one, many = NOUNS[language][noun]
    singular = abs(number) < 2 if language == "fr" else abs(number) == 1
    return one if singular else many
