"""Which predicates can be undecided, by their words alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Predicate = Mapping[str, Any]
# What may not be known of an action, so that `unknown` has a meaning.
MAY_LACK = frozenset({
    "proof_class", "quantity", "distance_m", "contribution_cents", "revenue_cents",
    "recorded_within", "adult", "first_time", "in_zone", "same_zone", "same_code",
})  # fmt: skip


def is_open(predicate: Predicate) -> bool:
    """Whether some part of it asks, or leaves it to the entry around it."""
    return any(_asks(kind, said) for kind, said, _ in leaves(predicate, ""))


def leaves(predicate: Predicate, path: str) -> Iterator[tuple[str, Any, str]]:
    """Every predicate that isn't made of others, with its path."""
    ((kind, said),) = predicate.items()
    where = f"{path}.{kind}"
    if kind == "not":
        yield from leaves(said, where)
    elif kind in ("all", "any"):
        for index, part in enumerate(said):
            yield from leaves(part, f"{where}[{index}]")
    else:
        yield kind, said, where


def _asks(kind: str, said: Any) -> bool:
    if kind not in MAY_LACK:
        return False
    unknown = said.get("unknown", "ask")
    if kind == "same_code":
        return "ask" in (unknown, said.get("both_unknown", unknown))
    return bool(unknown == "ask")
