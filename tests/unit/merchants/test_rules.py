"""Splitting a payment, bounding a refund, fees, and what a state allows."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from app.errors import Problem
from app.merchants import rules
from app.merchants.models import PayeeState, PaymentState
from app.merchants.rules import PaidPart, Purse

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def purse(number: int, cents: int, *, taken: bool = True, closed: bool = False) -> Purse:
    return Purse(
        programme_id=UUID(int=number),
        programme_chain_id=number.to_bytes(32, "big"),
        address=f"0x{number:040x}",
        on_device=False,
        last_day_to_spend=date(2027, 1, 1) + timedelta(days=number),
        taken_here=taken,
        closed=closed,
        available_cents=cents,
    )


def taken(amount: int, purses: list[Purse]) -> list[tuple[int, int]]:
    parts = rules.split(amount, purses)
    return [(part.purse.programme_id.int, part.amount_cents) for part in parts]


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        call()
    return str(caught.value.code)


def test_what_expires_first_is_spent_first() -> None:
    assert taken(700, [purse(3, 900), purse(1, 500), purse(2, 0)]) == [(1, 500), (3, 200)]


def test_one_account_is_enough() -> None:
    assert taken(500, [purse(1, 500), purse(2, 500)]) == [(1, 500)]


def test_small_change_gives_way_when_eight_parts_do_not_suffice() -> None:
    purses = [purse(n, 1) for n in range(1, 10)] + [purse(10, 1000)]
    parts = taken(1005, purses)
    assert len(parts) == rules.MAX_PARTS
    assert parts[-1] == (10, 998)


def test_more_than_eight_accounts_can_hold() -> None:
    assert refusal(lambda: rules.split(9, [purse(n, 1) for n in range(9)])) == "too-many-parts"


@pytest.mark.parametrize(
    ("purses", "code"),
    [
        ([], "balance-too-low"),
        ([purse(1, 99)], "balance-too-low"),
        ([purse(1, 50), purse(2, 60, taken=False)], "tokens-not-taken-here"),
        ([purse(1, 50), purse(2, 60, closed=True)], "programme-closed"),
        ([purse(1, 99, taken=False)], "balance-too-low"),
    ],
)
def test_why_it_is_not_enough(purses: list[Purse], code: str) -> None:
    assert refusal(lambda: rules.split(100, purses)) == code


def test_a_split_adds_up_and_never_overdraws() -> None:
    rng = random.Random(7)  # noqa: S311 - repeatable
    for _ in range(300):
        purses = [purse(n, rng.randrange(0, 300)) for n in range(rng.randrange(1, 9))]
        total = sum(p.available_cents for p in purses)
        if total == 0:
            continue
        amount = rng.randint(1, total)
        parts = rules.split(amount, purses)
        assert sum(part.amount_cents for part in parts) == amount
        assert 1 <= len(parts) <= rules.MAX_PARTS
        assert all(0 < part.amount_cents <= part.purse.available_cents for part in parts)


def part(position: int, remaining: int, room: int | None = None) -> PaidPart:
    free = remaining if room is None else room
    return PaidPart(bytes([position]) * 32, position, remaining, free)


def test_a_refund_goes_backwards() -> None:
    parts = [part(0, 300), part(1, 200), part(2, 100)]
    assert rules.allocate_refund(250, parts) == [(b"\x02" * 32, 100), (b"\x01" * 32, 150)]


def test_a_refund_passes_over_what_was_refunded_before() -> None:
    assert rules.allocate_refund(50, [part(0, 300), part(1, 0)]) == [(b"\x00" * 32, 50)]


def test_a_refund_is_bounded_by_what_was_paid() -> None:
    assert refusal(lambda: rules.allocate_refund(301, [part(0, 300)])) == "refund-too-large"


def test_a_refund_is_bounded_by_what_the_payee_still_has() -> None:
    parts = [part(0, 300, 300), part(1, 200, 20)]
    with pytest.raises(Problem) as caught:
        rules.allocate_refund(100, parts)
    assert caught.value.code == "payee-balance-too-low"
    assert caught.value.values["refundable_cents"] == 20


def test_fees_of_an_order_are_the_fee_on_what_is_left() -> None:
    rng = random.Random(11)  # noqa: S311 - repeatable
    for _ in range(300):
        order, basis = rng.randint(1, 10_000), rng.randint(0, 1000)
        charged, left = rules.fee(order, basis), order
        while left:
            back = rng.randint(1, left)
            charged += rules.refund_fee(order, order - left, back, basis)
            left -= back
            assert charged == rules.fee(left, basis) >= 0


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (PaymentState.EXPIRED, "payment-expired"),
        (PaymentState.DECLINED, "payment-declined"),
        (PaymentState.ACCEPTED, "payment-taken"),
        (PaymentState.SETTLED, "payment-taken"),
    ],
)
def test_only_a_request_can_be_accepted(state: PaymentState, code: str) -> None:
    assert refusal(lambda: rules.check_acceptable(state)) == code


def test_a_request_is_expired_at_its_last_instant() -> None:
    requested, accepted = PaymentState.REQUESTED, PaymentState.ACCEPTED
    assert rules.state_at(requested, NOW, NOW) is PaymentState.EXPIRED
    assert rules.state_at(requested, NOW, NOW - timedelta(microseconds=1)) is requested
    assert rules.state_at(accepted, NOW, NOW + timedelta(days=9)) is accepted


@pytest.mark.parametrize("state", [s for s in PayeeState if s is not PayeeState.ACTIVE])
def test_only_an_active_payee_receives(state: PayeeState) -> None:
    assert refusal(lambda: rules.check_payee_receives(state)) == "payee-not-active"


@pytest.mark.parametrize("cents", [0, -1])
def test_an_amount_is_positive(cents: int) -> None:
    assert refusal(lambda: rules.check_amount(cents)) == "amount-not-positive"


def test_an_amount_is_bounded() -> None:
    rules.check_amount(rules.MAX_PAYMENT_CENTS)
    assert refusal(lambda: rules.check_amount(100_000_001)) == "amount-too-large"
