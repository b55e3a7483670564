"""A card's number as it is typed, and PINs that a thief tries first."""

from __future__ import annotations

import pytest

from app.identity.cards.demo import DEMO_CARDS
from app.identity.cards.numbers import ALPHABET, in_groups, is_easy, is_pin, new_number, read_number


def test_a_number_is_read_however_it_is_typed() -> None:
    number = new_number()
    for typed in (number, in_groups(number), in_groups(number).lower().replace("-", " ")):
        assert read_number(f" {typed}\n") == number


@pytest.mark.parametrize("_turn", range(5))
def test_one_wrong_sign_or_two_exchanged_ones_are_no_number(_turn: int) -> None:
    number = new_number()
    for at, right in enumerate(number):
        for wrong in set(ALPHABET) - {right}:
            assert read_number(number[:at] + wrong + number[at + 1 :]) is None
    for at in range(len(number) - 1):
        one, two = number[at], number[at + 1]
        if one != two:
            assert read_number(number[:at] + two + one + number[at + 2 :]) is None


def test_what_is_no_number() -> None:
    for typed in ("", "2" * 15, "2" * 17, "0" * 16, "é" * 16, "٣" * 16):
        assert read_number(typed) is None


def test_the_demo_s_numbers_are_some() -> None:
    assert [read_number(one) for one in DEMO_CARDS] == list(DEMO_CARDS)


def test_pins() -> None:
    assert [pin for pin in ("123", "123456789", "12 4", "٣٣٣٣", "12a4", "") if is_pin(pin)] == []
    assert all(is_easy(pin) for pin in ("0000", "1234", "987654"))
    assert not any(is_easy(pin) for pin in ("1357", "2580", "1122"))
