"""Exact decimals: integers or strings such as "12.5" in rules, fractions while we count."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

MODES = ("half_up", "half_even", "down", "up")


def fraction(decimal: int | str) -> Fraction:
    return Fraction(decimal)


def written(value: Fraction) -> int | str:
    """The one way to write a decimal: 10, "12.5"; "1/3" where no decimal is exact."""
    if value.denominator == 1:
        return value.numerator
    places = _places(value.denominator)
    if places is None:
        return f"{value.numerator}/{value.denominator}"
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}".rstrip("0")


def rounded(value: Fraction, mode: str) -> int:
    """To a whole number. half_up: halves towards plus infinity, also below zero."""
    return rounded_ratio(value.numerator, value.denominator, mode)


def rounded_ratio(n: int, d: int, mode: str) -> int:
    if mode == "half_up":
        return (2 * n + d) // (2 * d)
    if mode == "down":
        return n // d
    if mode == "up":
        return -(-n // d)
    whole, rest = divmod(n, d)
    return whole + (2 * rest > d or (2 * rest == d and whole % 2 == 1))


def rounding_expression(n: str, d: int, mode: str) -> str:
    """`rounded_ratio` of a numerator expression; half_even needs the function."""
    if d == 1:
        return n
    if mode == "half_up":
        return f"(2 * ({n}) + {d}) // {2 * d}"
    if mode == "down":
        return f"({n}) // {d}"
    if mode == "up":
        return f"-(-({n}) // {d})"
    return f"rounded_ratio({n}, {d}, 'half_even')"


def common(values: list[Fraction]) -> int:
    """The least common denominator."""
    return lcm(1, *(value.denominator for value in values))


def _places(denominator: int) -> int | None:
    places = 0
    while denominator != 1:
        if denominator % 10 == 0:
            denominator //= 10
        elif denominator % 5 == 0:
            denominator //= 5
        elif denominator % 2 == 0:
            denominator //= 2
        else:
            return None
        places += 1
    return places
