"""A rule set made fast: checked once, compiled once, then a function call for each action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from app.rewards.language.action import Action, Outside
from app.rewards.language.counting import Key, add_limit, counter_of
from app.rewards.language.open_ends import MAY_LACK
from app.rewards.language.periods import label
from app.rewards.language.predicates import expression, truth
from app.rewards.language.source import Source, Used
from app.rewards.language.three import Truth
from app.rewards.language.worth import add_worth, in_order, met

Worth = tuple[int | None, tuple[str, ...]]
Test = Callable[[Action], Truth]


class Result(NamedTuple):
    """What an action earns. `before`: by itself, None where something must be found out first
    (then `cents` is 0); `by`: ids of what refused, asks or cut."""

    before: int | None
    cents: int
    by: tuple[str, ...]


Decide = Callable[..., Result]  # (action, counters, budget=None): both stages


class Program:
    """A compiled rule set. `worth` is pure; `limit` and `decide` raise the counters given.
    `fields` of an action are all that it looks at, `kinds` all the kinds of code of a place.

    `decide(action, counters, budget=None)` is both: `budget` is what somebody else's account
    still holds, where that bounds it too.
    """

    def __init__(self, rules: Mapping[str, Any], outside: Outside) -> None:
        source = Source(rules, outside)
        add_worth(source)
        add_limit(source)
        _add_decide(source)
        tests = _add_tests(source)
        self.rules, self.outside, self.source = rules, outside, source.text()
        self.fields, self.kinds = frozenset(source.fields), frozenset(source.kinds)
        get = source.run()
        self.worth: Callable[[Action], Worth] = get("worth")
        self.limit: Callable[..., Worth] = get("limit")
        self.decide: Decide = get("decide")
        self.keys: Callable[[Action], list[Key]] = get("keys")
        self._parts: dict[tuple[int, bool], tuple[Mapping[str, Any], Test]] = {}
        self.tests: dict[str, Test] = {path: get(name) for path, name in tests.items()}

    def holds(self, predicate: Mapping[str, Any], action: Action) -> Truth:
        """Any part of the rules by itself; made once, when somebody first asks why."""
        return self._part(predicate, predicate, bare=False)(action)

    def knows(self, leaf: Mapping[str, Any], action: Action) -> bool:
        """Whether a predicate without parts looks at something that is known."""
        ((kind, said),) = leaf.items()
        if kind not in MAY_LACK:
            return True
        bare = {kind: {name: item for name, item in said.items() if "unknown" not in name}}
        return self._part(leaf, bare, bare=True)(action) is not None

    def _part(self, key: Mapping[str, Any], predicate: Mapping[str, Any], *, bare: bool) -> Test:
        known = self._parts.get((id(key), bare))
        if known is None:
            source = Source(self.rules, self.outside)
            used = Used(source)
            source.function("part", "a", used, [f"return {expression(predicate, used).text}"])
            # The key is kept too, so that no other predicate can get its id.
            known = self._parts[id(key), bare] = (key, source.run()("part"))
        return known[1]

    def label(self, key: Key) -> tuple[str, str, str]:
        """A counter's key for people and rows: its name, whose, and the period in words."""
        counter, who, number = key
        period = next(one["period"] for one in self.rules["limits"] if counter_of(one) == counter)
        return counter, who, label(period, number)

    def number(self, most: int | Mapping[str, str]) -> int:
        """A limit's figure, kept outside or not."""
        return most if isinstance(most, int) else self.outside.numbers[most["number"]]


def compile_rules(rules: Mapping[str, Any], outside: Outside | None = None) -> Program:
    """Of a rule set that `loading.load` let pass. Raises MissingOutsideError."""
    return Program(rules, outside or Outside())


def _add_decide(source: Source) -> None:
    new, result = source.constant(tuple.__new__), source.constant(Result)
    body = [
        "before, by = worth(a)",
        "if not before:",
        f"    return {new}({result}, (before, 0, by))",
        "cents, by = limit(a, before, counters, budget)",
        "if cents is None:",
        f"    return {new}({result}, (None, 0, by))",
        f"return {new}({result}, (before, cents, by))",
    ]
    source.function("decide", "a, counters, budget=None", Used(source), body)


def _add_tests(source: Source) -> dict[str, str]:
    """A function for every condition and every `when`, by the path of its entry."""
    names: dict[str, str] = {}
    for path, entry in holders(source.rules):
        used = Used(source)
        if path[0] == "conditions":
            found = met(entry, used)
        else:
            found = truth(entry["when"], entry.get("unknown"), used)
        name = f"test{len(names)}"
        source.function(name, "a", used, [f"return {found.text}"])
        names["/".join(path)] = name
    return names


def holders(rules: Mapping[str, Any]) -> list[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Every entry with a test, under the list it stands in and its id; steps by number too."""
    found: list[tuple[tuple[str, ...], Mapping[str, Any]]] = [
        (("conditions", entry["id"]), entry) for entry in in_order(rules, "conditions")
    ]
    for name in ("tariffs", "adjustments", "limits"):
        for entry in in_order(rules, name):
            if "when" in entry:
                found.append(((name, entry["id"]), entry))
            for number, step in enumerate(entry.get("steps", ())):
                if "when" in step:
                    found.append(((name, entry["id"], str(number)), step))
    return found
