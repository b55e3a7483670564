"""Whether a till's amount looks like a slip of the finger: then it asks once more, in words."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

TIMES = 10  # so many times what the shop usually takes
NEVER_BELOW_CENTS = 2_000
WITHOUT_HISTORY_CENTS = 5_000


def is_unusual(amount_cents: int, earlier_cents: Sequence[int]) -> bool:
    """`earlier_cents`: the shop's last paid amounts."""
    if not earlier_cents:
        return amount_cents > WITHOUT_HISTORY_CENTS
    return amount_cents > max(NEVER_BELOW_CENTS, TIMES * median(earlier_cents))
