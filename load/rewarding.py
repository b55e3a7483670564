"""Rules made into a function beside a function written by hand: journeys a second, one process.

Both value the same history with the same counters and must agree on every journey. Rounds are
taken in turns and measured in the process's own time, since the machine has other work too.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from statistics import median

from app.rewards.language.action import Action
from app.rewards.language.compiling import Program, compile_rules
from app.rewards.language.explaining import explain
from app.rewards.language.loading import Vocabulary, load
from load.campaign import RULES, by_hand, history
from load.result import Result, at_least, beside

TRIPS, EXPLAINED, ROUNDS = 100_000, 5_000, 7
TARGET = 0.5
Counters = dict[tuple[str, str, int], int]


def measure() -> Iterator[Result]:
    program = compile_rules(load(RULES, Vocabulary.anything()).data)
    trips = list(history(TRIPS))
    earning = _agreed(program, trips)
    made, hand, told = _rates(program, trips)
    yield at_least("rewards, amounts and counters", made, hand, "journeys/s", TARGET)
    yield beside("rewards, each cent explained", told, "journeys/s", hand)
    yield beside("rewards, journeys that earn", earning, "journeys", TRIPS)


def _agreed(program: Program, trips: list[Action]) -> int:
    """How many earn. Raises RuntimeError where the two differ."""
    ours: Counters = {}
    theirs: Counters = {}
    earning = 0
    for trip in trips:
        before, cents, by = program.decide(trip, ours)
        if (before, cents, "".join(by)) != by_hand(trip, theirs):
            raise RuntimeError(f"rules and hand differ on {trip}")
        earning += cents > 0
    if ours != theirs:
        raise RuntimeError("rules and hand counted differently")
    return earning


def _rates(program: Program, trips: list[Action]) -> tuple[float, float, float]:
    decide, few = program.decide, trips[:EXPLAINED]
    made, hand, told = [], [], []
    for _ in range(ROUNDS):
        hand.append(_rate(trips, by_hand))
        made.append(_rate(trips, decide))
        told.append(_rate(few, lambda trip, counters: explain(program, trip, counters)))
    return median(made), median(hand), median(told)


def _rate(trips: list[Action], value: Callable[[Action, Counters], object]) -> float:
    counters: Counters = {}
    gc.collect()
    begun = time.process_time()
    for trip in trips:
        value(trip, counters)
    return len(trips) / (time.process_time() - begun)
