"""Both stages once more, slowly and line by line, with fractions in place of made functions.

It shares nothing with `worth` and `counting` but the predicates; tests hold the two equal.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from fractions import Fraction
from typing import Any

from app.rewards.language.action import Action
from app.rewards.language.capping import Capping
from app.rewards.language.compiling import Program
from app.rewards.language.counting import Key
from app.rewards.language.exact import fraction, rounded, written
from app.rewards.language.lines import Decision, Line, nothing
from app.rewards.language.reasons import refusal
from app.rewards.language.worth import Entry, in_order, measures


def explain(
    program: Program,
    action: Action,
    counters: MutableMapping[Key, int],
    budget: int | None = None,
) -> Decision:
    """As `Program.decide`, counters included, with its reasons."""
    before, lines, by = _worth(program, action)
    if not before:
        return Decision(before, 0, by, tuple(lines))
    capping = Capping(program, action, counters)
    left = capping.run(before, budget)
    lines += capping.lines
    return Decision(
        before if left is not None else None, left or 0, tuple(capping.by), tuple(lines)
    )


def _worth(program: Program, action: Action) -> tuple[int | None, list[Line], tuple[str, ...]]:
    for condition in in_order(program.rules, "conditions"):
        met = program.tests[f"conditions/{condition['id']}"](action)
        if not met:
            line = refusal(program, condition, action, asks=met is None)
            return (None if met is None else 0), [line], (condition["id"],)
    found = _tariff(program, action)
    if isinstance(found, Line):
        asks = found.code in ("to_find_out", "measure_to_find_out")
        named = (found.rule,) if found.rule else ()
        return (None if asks else 0), [found], named
    tariff, lines = found
    asking = _asking_step(program, tariff, action)
    if asking is not None:
        return None, [asking], (tariff["id"],)
    lines += list(_steps(program, tariff, action))
    for adjustment in in_order(program.rules, "adjustments"):
        held = _held(program, "adjustments", adjustment, action)
        if held is None:
            line = nothing(adjustment["id"], "to_find_out", predicate=adjustment["when"])
            return None, [line], (adjustment["id"],)
        if held:
            lines += list(_adjusted(adjustment, _sum(lines), action))
    lines += list(_whole(program, _sum(lines)))
    return int(_sum(lines)), lines, ()


def _held(program: Program, name: str, entry: Entry, action: Action) -> bool | None:
    if "when" not in entry:
        return True
    return program.tests[f"{name}/{entry['id']}"](action)


def _tariff(program: Program, action: Action) -> Line | tuple[Entry, list[Line]]:
    """The first that holds, with a line for each other that would; or why there is none."""
    tariffs = in_order(program.rules, "tariffs")
    for place, tariff in enumerate(tariffs):
        held = _held(program, "tariffs", tariff, action)
        if held is None:
            return nothing(tariff["id"], "to_find_out", predicate=tariff["when"])
        if held:
            for name in sorted(measures(tariff)):
                if getattr(action, name) is None:
                    asks = tariff.get("unknown") == "ask"
                    code = "measure_to_find_out" if asks else "measure_not_known"
                    return nothing(tariff["id"], code, of=name)
            return tariff, list(_passed_over(program, tariff, tariffs[place + 1 :], action))
    return nothing("", "no_tariff")


def _passed_over(
    program: Program, tariff: Entry, others: list[Entry], action: Action
) -> Iterator[Line]:
    """An overlap is settled by the order, and shown; what holds always is no overlap."""
    for other in others:
        if "when" in other and _held(program, "tariffs", other, action):
            yield nothing(other["id"], "passed_over", first=tariff["id"])


def _asking_step(program: Program, tariff: Entry, action: Action) -> Line | None:
    for number, step in enumerate(tariff["steps"]):
        if "when" in step:
            test = program.tests[f"tariffs/{tariff['id']}/{number}"]
            if test(action) is None:
                return nothing(tariff["id"], "to_find_out", predicate=step["when"])
    return None


def _steps(program: Program, tariff: Entry, action: Action) -> Iterator[Line]:
    measure = getattr(action, tariff.get("measure", "distance_m"))
    exclusive, paid = tariff["bands"] == "exclusive", False
    for number, step in enumerate(tariff["steps"]):
        if step.get("from", 0) > 0 and measure < step["from"]:
            continue
        if exclusive and "below" in step and measure >= step["below"]:
            continue
        if "when" in step and not program.tests[f"tariffs/{tariff['id']}/{number}"](action):
            continue
        yield from _step(tariff["id"], step, action)
        paid = True
        if exclusive:
            break
    if not paid:
        values = {"of": tariff.get("measure", "distance_m"), "value": measure}
        yield nothing(tariff["id"], "no_step", **values)


def _step(rule: str, step: Entry, action: Action) -> Iterator[Line]:
    seats = action.seats or 1
    if fixed := fraction(step.get("fixed_cents", 0)):
        yield Line(rule, "fixed", fixed, {"cents": written(fixed)})
    if seat := fraction(step.get("seat_cents", 0)):
        yield Line(rule, "seats", seats * seat, {"seats": seats, "cents": written(seat)})
    if "per" in step:
        yield _per(rule, step["per"], action, seats if step.get("times_seats", True) else 1)


def _per(rule: str, per: Entry, action: Action, seats: int) -> Line:
    whole = getattr(action, per["of"])
    counted = Fraction(min(whole, per.get("limit", whole)) - per.get("offset", 0))
    if per.get("under_offset", "nothing") == "nothing" and whole <= per.get("offset", 0):
        counted = Fraction(0)
    if "round_to" in per:
        size = per["round_to"]["size"]
        counted = Fraction(rounded(counted / size, per["round_to"]["mode"]) * size)
    cents = counted * fraction(per["cents"]) / per["size"]
    values: dict[str, Any] = {
        "of": per["of"],
        "counted": int(counted),
        "size": per["size"],
        "cents": per["cents"],
        "seats": seats,
    }
    if "max_cents" in per and cents > fraction(per["max_cents"]):
        cents = fraction(per["max_cents"])
        values["max_cents"] = per["max_cents"]
    if per["of"] == "quantity" and action.unit:
        values["unit"] = action.unit
    return Line(rule, "per", cents * seats, values)


def _adjusted(entry: Entry, amount: Fraction, action: Action) -> Iterator[Line]:
    rule = entry["id"]
    if "times" in entry:
        yield Line(
            rule, "times", amount * (fraction(entry["times"]) - 1), {"times": entry["times"]}
        )
        return
    kind = next(kind for kind in ("minus", "at_most", "at_least") if kind in entry)
    said = entry[kind]
    known = getattr(action, said["field"]) if "field" in said else said["cents"]
    known = said.get("unknown_cents") if known is None else known
    if known is None:
        return
    value = fraction(known)
    after = {"minus": amount - value, "at_most": min(amount, value), "at_least": max(amount, value)}
    if after[kind] != amount:
        values = {"cents": written(value)} | ({"field": said["field"]} if "field" in said else {})
        yield Line(rule, kind, after[kind] - amount, values)


def _whole(program: Program, amount: Fraction) -> Iterator[Line]:
    mode = program.rules["rounding"]
    cents = rounded(amount, mode)
    if cents != amount:
        yield Line("rounding", "rounding", cents - amount, {"mode": mode})
    if cents < 0 and program.rules.get("negative", "zero") == "zero":
        yield Line("negative", "not_under_zero", Fraction(-cents), {})


def _sum(lines: list[Line]) -> Fraction:
    return sum((line.cents for line in lines), Fraction(0))
