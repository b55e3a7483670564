"""A card's number, 15 random signs and one that checks them in four groups, and what a PIN is.

The alphabet has 31 signs, nothing that reads as something else; 31 being prime, one wrong sign
or two exchanged ones never pass. 74 bits, so that nobody finds a card by trying.
"""

from __future__ import annotations

import secrets
from itertools import pairwise

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 16
_GROUP = 4


def new_number() -> str:
    """Sixteen signs without separators."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return signs + _check_sign(signs)


def read_number(typed: str) -> str | None:
    """What was typed or scanned, without separators, in capitals; None for no card's number."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())
    if len(signs) != LENGTH or set(signs) - set(ALPHABET):
        return None
    return signs if _check_sign(signs[:-1]) == signs[-1] else None


def in_groups(number: str) -> str:
    """As it is printed: XXXX-XXXX-XXXX-XXXX."""
    return "-".join(number[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def _check_sign(signs: str) -> str:
    total = sum(at * ALPHABET.index(sign) for at, sign in enumerate(signs, start=1))
    return ALPHABET[total % len(ALPHABET)]


def is_pin(typed: str) -> bool:
    """Four to eight digits."""
    return len(typed) in range(4, 9) and typed.isascii() and typed.isdecimal()


def is_easy(pin: str) -> bool:
    """What a thief tries first: one digit over and over, or digits in a row."""
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    return len(steps) == 1 and steps <= {-1, 0, 1}
