"""Numbers in words: amounts of tokens, measures, plurals; exact, as each language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from app.rewards.language.exact import fraction, written

# Smallest unit -> the unit people read, and how many of the smallest make one.
READ_AS: Mapping[str, tuple[str, int]] = {
    "m": ("km", 1000),
    "g": ("kg", 1000),
    "ml": ("l", 1000),
    "Wh": ("kWh", 1000),
    "s": ("min", 60),
}
NOUNS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "token": ("token", "tokens"),
        "seat": ("seat", "seats"),
        "action": ("deed", "deeds"),
        "item": ("item", "items"),
        "day": ("day", "days"),
    },
    "fr": {
        "token": ("jeton", "jetons"),
        "seat": ("place", "places"),
        "action": ("geste", "gestes"),
        "item": ("pièce", "pièces"),
        "day": ("jour", "jours"),
    },
}
NARROW_SPACE = "\u202f"
MONEY = ("contribution_cents", "revenue_cents")


def amount(cents: Fraction | int | str, language: str) -> str:
    """Of tokens: "3.20 tokens", "0,125 jeton"; a real minus sign before a loss."""
    value = fraction(cents) if isinstance(cents, str) else Fraction(cents)
    tokens = written(value / 100)
    text = str(tokens)
    if "/" not in text:
        whole, _, rest = text.partition(".")
        text = f"{whole}.{rest.ljust(2, '0')}"
    return f"{_signs(text, language)} {_plural('token', value / 100, language)}"


def euros(cents: int, language: str) -> str:
    """Of money that people paid one another, which is no tokens."""
    whole, rest = divmod(abs(cents), 100)
    text = _signs(f"{'-' if cents < 0 else ''}{whole}.{rest:02}", language)
    return f"{text}\u00a0€" if language == "fr" else f"€{text}"


def exact(value: Fraction | int | str, language: str) -> str:
    """A number without a unit."""
    return _signs(str(written(Fraction(value))), language)


def measure(kind: str, value: int, language: str, unit: str | None = None) -> str:
    """A field of an action in the unit people read: "1.4 km", "2 places", "200 m"."""
    if kind in MONEY:
        return euros(value, language)
    if kind == "seats":
        return noun("seat", value, language)
    unit = "m" if kind == "distance_m" else unit
    if unit is None:
        return exact(value, language)
    if unit == "item":
        return noun("item", value, language)
    read_as, size = READ_AS.get(unit, (unit, 1))
    if abs(value) < size:
        return f"{exact(value, language)} {unit}"
    return f"{exact(_rounded(Fraction(value, size)), language)} {read_as}"


def noun(name: str, count: int, language: str) -> str:
    return f"{exact(count, language)} {_plural(name, Fraction(count), language)}"


def _rounded(value: Fraction) -> Fraction:
    """Thirds of a minute have no end: three digits are enough to read."""
    return value if value.denominator in (1, 2, 4, 5, 8) else Fraction(round(value * 1000), 1000)


def _plural(name: str, value: Fraction, language: str) -> str:
    one, many = NOUNS[language][name]
    singular = abs(value) < 2 if language == "fr" else abs(value) == 1
    return one if singular else many


def _signs(text: str, language: str) -> str:
    minus = text.startswith("-")
    whole, point, rest = text.removeprefix("-").partition(".")
    grouped = f"{int(whole):,}" if whole.isdigit() else whole
    joined = f"{grouped}{point}{rest}"
    if language == "fr":
        joined = joined.replace(",", NARROW_SPACE).replace(".", ",")
    return f"\u2212{joined}" if minus else joined
