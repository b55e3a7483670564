"""Which of a pay-out's lines a payee's account covers, where it has less than all come to. Pure.

Whole orders, in their order, each with its refunds; what an order gives back of what was paid out
before, and corrections of fees, come first and always. So nothing is paid that isn't there, and the
rest stays open for a later pay-out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.merchants.pay_out_models import PayOutLine


def covered_lines(
    lines: Sequence[PayOutLine], order_of: Mapping[bytes, bytes], cents: int
) -> list[PayOutLine]:
    """`order_of`: each refund's order."""
    groups: dict[object, list[PayOutLine]] = {}
    for line in lines:
        order = order_of[line.refund_id] if line.refund_id else line.order_id
        groups.setdefault(order, []).append(line)
    chosen = list[PayOutLine]()
    for group in sorted(groups.values(), key=lambda group: _sum(group) > 0):
        if _sum(group) <= 0 or _sum(chosen) + _sum(group) <= cents:
            chosen += group
    return chosen


def _sum(lines: Sequence[PayOutLine]) -> int:
    return sum(line.amount_cents for line in lines)
