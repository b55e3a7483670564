"""The first stage: what an action is worth by itself, as a function made from the rules.

`worth(a)` gives (cents, by): cents is None where somebody has to find something out, and `by`
names the entry that refused or asks. Amounts are whole numerators over one denominator that is
known when the rules are compiled, so that nothing is rounded but once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from app.rewards.language.exact import common, fraction, rounding_expression
from app.rewards.language.predicates import (
    Expression,
    both,
    either,
    expression,
    negated,
    truth,
)
from app.rewards.language.source import Source, Used

Entry = Mapping[str, Any]


def in_order(rules: Mapping[str, Any], name: str) -> list[Entry]:
    """The entries of a list by their stated order."""
    return sorted(rules.get(name, ()), key=lambda entry: int(entry["order"]))


def met(condition: Entry, used: Used) -> Expression:
    """Whether a condition is met: required and not excluded, wherever its `when` holds."""
    parts = [expression(condition["require"], used)] if "require" in condition else []
    parts += [negated(expression(condition["exclude"], used))] if "exclude" in condition else []
    whole = both(parts)
    if "when" in condition:
        whole = either([negated(expression(condition["when"], used)), whole])
    unknown = condition.get("unknown")
    if not whole.open or unknown == "ask":
        return whole
    return Expression(f"({whole.text}) is {'not False' if unknown == 'pass' else 'True'}")


def add_worth(source: Source) -> None:
    """Adds the function `worth`."""
    rules, used = source.rules, Used(source)
    body: list[str] = []
    for condition in in_order(rules, "conditions"):
        body += refuse_unless(met(condition, used), source.constant((condition["id"],)))
    tariffs, denominator = in_order(rules, "tariffs"), _denominator(rules)
    if not tariffs:
        body.append("return 0, ()")
    body += _chain([(tariff, _tariff(tariff, denominator, used)) for tariff in tariffs], used)
    for adjustment in in_order(rules, "adjustments"):
        lines, denominator = _adjustment(adjustment, denominator, used)
        body += lines
    body.append(f"cents = {rounding_expression('n', denominator, rules['rounding'])}")
    if rules.get("negative", "zero") == "zero":
        body += ["if cents < 0:", "    cents = 0"]
    body.append("return cents, ()")
    source.function("worth", "a", used, body)


def refuse_unless(found: Expression, by: str) -> list[str]:
    """Ends the function unless an expression holds; undecided asks."""
    if not found.open:
        return [f"if not {found.text}:", f"    return 0, {by}"]
    lines = [f"t = {found.text}", "if not t:"]
    return [*lines, f"    return (None if t is None else 0), {by}"]


def _chain(branches: Sequence[tuple[Entry, list[str]]], used: Used) -> list[str]:
    """The first tariff whose `when` holds."""
    lines: list[str] = []
    word = "if"
    for tariff, body in branches:
        if "when" not in tariff:
            lines += [f"{word} True:", *_indented(body)]
            return lines
        found = truth(tariff["when"], tariff.get("unknown"), used)
        if found.open:
            by = used.source.constant((tariff["id"],))
            lines += [f"{word} (t := {found.text}) is None:", f"    return None, {by}"]
            lines += ["elif t:", *_indented(body)]
        else:
            lines += [f"{word} {found.text}:", *_indented(body)]
        word = "elif"
    return [*lines, "else:", "    return 0, ()"] if branches else []


def _tariff(tariff: Entry, denominator: int, used: Used) -> list[str]:
    by = used.source.constant((tariff["id"],))
    measure = tariff.get("measure", "distance_m")
    nothing = "None" if tariff.get("unknown") == "ask" else "0"
    lines: list[str] = []
    for name in sorted(measures(tariff)):
        lines += [f"if {used.field(name)} is None:", f"    return {nothing}, {by}"]
    parts: list[tuple[str, str]] = []
    for step in tariff["steps"]:
        tests = _reached(step, measure, tariff["bands"])
        if "when" in step:
            found = truth(step["when"], step.get("unknown"), used)
            if found.open:
                lines += [f"if ({found.text}) is None:", f"    return None, {by}"]
            tests.append(found.text)
        parts.append((" and ".join(tests), step_amount(step, denominator, used)))
    return [*lines, f"n = {_sum(parts, exclusive=tariff['bands'] == 'exclusive')}"]


def measures(tariff: Entry) -> set[str]:
    """What must be known of an action for this tariff."""
    steps = tariff["steps"]
    found = {step["per"]["of"] for step in steps if "per" in step}
    if any(step.get("from", 0) > 0 or "below" in step for step in steps):
        found.add(tariff.get("measure", "distance_m"))
    return found


def _reached(step: Entry, measure: str, bands: str) -> list[str]:
    tests = [f"{measure} >= {int(step['from'])}"] if step.get("from", 0) > 0 else []
    if bands == "exclusive" and "below" in step:
        tests.append(f"{measure} < {int(step['below'])}")
    return tests


def _sum(parts: Sequence[tuple[str, str]], *, exclusive: bool) -> str:
    if exclusive:
        chain = " else ".join(f"({amount}) if {test or 'True'}" for test, amount in parts)
        return f"{chain} else 0"
    return " + ".join(
        f"(({amount}) if {test} else 0)" if test else amount for test, amount in parts
    )


def step_amount(step: Entry, denominator: int, used: Used) -> str:
    """fixed + seats x (seat + per), as a numerator."""
    fixed = _scaled(step.get("fixed_cents", 0), denominator)
    seat = _scaled(step.get("seat_cents", 0), denominator)
    part = _per(step["per"], denominator, used) if "per" in step else ""
    by_seat = step.get("times_seats", True)
    for_seat = " + ".join([str(seat)] * bool(seat) + [part] * bool(part and by_seat))
    found = [str(fixed)] if fixed else []
    found += [f"{used.seats()} * ({for_seat})"] if for_seat else []
    found += [part] if part and not by_seat else []
    return " + ".join(found) or "0"


def _per(per: Entry, denominator: int, used: Used) -> str:
    name = used.field(per["of"])
    measure, offset = name, int(per.get("offset", 0))
    if "limit" in per:
        measure = f"({name} if {name} < {int(per['limit'])} else {int(per['limit'])})"
    if offset:
        measure = f"({measure} - {offset})"
        if per.get("under_offset", "nothing") == "nothing":
            measure = f"({measure} if {name} > {offset} else 0)"
    if "round_to" in per:
        size = int(per["round_to"]["size"])
        measure = f"({rounding_expression(measure, size, per['round_to']['mode'])}) * {size}"
    rate = fraction(per["cents"]) * denominator / per["size"]
    text = f"{measure} * {_whole(rate)}"
    return f"min({text}, {_scaled(per['max_cents'], denominator)})" if "max_cents" in per else text


def _adjustment(entry: Entry, denominator: int, used: Used) -> tuple[list[str], int]:
    test, lines = "", []
    if "when" in entry:
        found = truth(entry["when"], entry.get("unknown"), used)
        if found.open:
            by = used.source.constant((entry["id"],))
            lines += [f"if ({found.text}) is None:", f"    return None, {by}"]
        test = found.text
    if "times" in entry:
        times = fraction(entry["times"])
        on, off = f"n * {_signed(times.numerator)}", f"n * {times.denominator}"
        return [*lines, f"n = {on} if {test} else {off}" if test else f"n = {on}"], (
            denominator * times.denominator
        )
    value = next(entry[kind] for kind in ("minus", "at_most", "at_least") if kind in entry)
    if "cents" in value and (factor := fraction(value["cents"]).denominator) > 1:
        lines.append(f"n *= {factor}")
        denominator *= factor
    return [*lines, *_bounded(entry, value, denominator, test, used)], denominator


def _bounded(entry: Entry, value: Entry, denominator: int, test: str, used: Used) -> list[str]:
    tests = [test] if test else []
    if "field" in value:
        name = used.field(value["field"])
        text = f"{name} * {denominator}"
        if "unknown_cents" in value:
            otherwise = int(value["unknown_cents"]) * denominator
            text = f"({text} if {name} is not None else {otherwise})"
        else:
            tests.append(f"{name} is not None")
    else:
        text = _signed(_scaled(value["cents"], denominator))
    if "minus" in entry:
        change = f"n -= {text}"
    else:
        tests.append(f"n {'>' if 'at_most' in entry else '<'} {text}")
        change = f"n = {text}"
    return [f"if {' and '.join(tests)}:", f"    {change}"] if tests else [change]


def _denominator(rules: Mapping[str, Any]) -> int:
    """Of all amounts in all steps, and of what a metre or unit earns."""
    values: list[Fraction] = []
    for tariff in rules["tariffs"]:
        for step in tariff["steps"]:
            values += [fraction(step[key]) for key in ("fixed_cents", "seat_cents") if key in step]
            if per := step.get("per"):
                values.append(fraction(per["cents"]) / per["size"])
                values += [fraction(per["max_cents"])] if "max_cents" in per else []
    return common(values)


def _scaled(decimal: int | str, denominator: int) -> int:
    return _whole(fraction(decimal) * denominator)


def _whole(value: Fraction) -> int:
    if value.denominator != 1:
        raise ArithmeticError(f"{value} is no whole number")
    return value.numerator


def _signed(number: int) -> str:
    return str(number) if number >= 0 else f"({number})"


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
