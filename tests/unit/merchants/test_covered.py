"""Which lines of a pay-out an account covers: never more than is there, an order whole or not."""

from __future__ import annotations

from functools import partial

import pytest

from app.db import uuid7
from app.merchants.covered import covered_lines
from app.merchants.models import PayOutLine

line = partial(PayOutLine, pay_out_id=uuid7())

ORDER_OF = {b"r1": b"o1", b"r0": b"o0"}
LINES = [
    line(kind="payment", order_id=b"o1", amount_cents=500),
    line(kind="refund", refund_id=b"r1", amount_cents=-200),
    line(kind="payment", order_id=b"o2", amount_cents=400),
    line(kind="refund", refund_id=b"r0", amount_cents=-50),  # paid out before
    line(kind="contra", amount_cents=0, fee_cents=-3),
]


@pytest.mark.parametrize(
    ("cents", "sums"),
    [
        (650, [-50, 0, 500, -200, 400]),
        (649, [-50, 0, 500, -200]),
        (249, [-50, 0]),
        (350, [-50, 0, 500, -200]),
        (-1, [-50, 0]),
    ],
)
def test_whole_orders_as_far_as_they_are_covered(cents: int, sums: list[int]) -> None:
    chosen = covered_lines(LINES, ORDER_OF, cents)
    assert [one.amount_cents for one in chosen] == sums


def test_a_later_order_that_fits_is_not_held_up_by_one_that_does_not() -> None:
    small = [LINES[0], line(kind="payment", order_id=b"o3", amount_cents=100)]
    assert covered_lines(small, ORDER_OF, 150) == small[1:]
