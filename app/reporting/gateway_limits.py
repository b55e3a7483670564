"""How much one caller may ask of the gateway, so that the node has room for settlement.

A bucket of tokens per caller, in this one process: a call costs one, a search through logs more,
and they come back with time. No table is needed, and what a restart forgets does no harm.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.networks import network

COSTS = {"eth_getLogs": 10, "eth_getProof": 5}
CALLERS = 20_000  # remembered at once, the longest silent forgotten first


@dataclass(frozen=True)
class Allowance:
    """`burst` at once, then `per_second`; and so many calls of all callers at the node at once."""

    burst: int = 1_000
    per_second: float = 20.0
    at_once: int = 4


def cost_of(methods: Iterable[object]) -> int:
    return sum(COSTS.get(method, 1) if isinstance(method, str) else 1 for method in methods)


class Buckets:
    def __init__(self, allowance: Allowance, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowance, self._clock = allowance, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, when
        self._lock = threading.Lock()

    def wait(self, address: str, cost: int) -> int:
        """Spends `cost`, or else the whole seconds after which there is enough; 0 when spent."""
        allowed, caller = self._allowance, network(address)
        cost = min(cost, allowed.burst)
        with self._lock:
            now = self._clock()
            tokens, at = self._left.pop(caller, (float(allowed.burst), now))
            tokens = min(allowed.burst, tokens + (now - at) * allowed.per_second)
            missing = cost - tokens
            self._left[caller] = (tokens - cost if missing <= 0 else tokens, now)
            if len(self._left) > CALLERS:
                self._left.popitem(last=False)
        return max(1, math.ceil(missing / allowed.per_second)) if missing > 0 else 0
