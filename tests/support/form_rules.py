"""Rule sets and what is typed into their form, for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from app.impact.catalogue import catalogue
from app.rewards.rule_sets.rule_format import IDENTITY_LEVELS, PAYABLE_PROOF_LEVELS

KINDS = ("bike-trip", "glass-recycling", "bus-trip", "food-bank-hours")
ZONE = "Europe/Paris"
_cents = st.integers(1, 5000)


def _of(kind: str) -> dict[str, Any]:
    return {"when": {"action_type": {"in": [kind]}}}


@st.composite
def _tariff(draw: st.DrawFn) -> dict[str, Any]:
    """Some that the form shows, some that it can't."""
    entry = _of(draw(st.sampled_from(KINDS))) if draw(st.integers(0, 9)) else {}
    if draw(st.booleans()):
        step: dict[str, Any] = {"fixed_cents": draw(_cents)}
    else:
        size = draw(st.sampled_from([1, 7, 60, 1000, 2000]))
        cents = draw(st.sampled_from([1, 5, "12.5", "0.3", 20]))
        of = draw(st.sampled_from(["quantity", "quantity", "distance_m"]))
        step = {"per": {"of": of, "cents": cents, "size": size}}
        for word in draw(st.sets(st.sampled_from(["max_cents", "limit", "offset"]))):
            step["per"][word] = draw(st.integers(1, 900)) if word != "limit" else 1000
        if draw(st.booleans()):
            step["times_seats"] = draw(st.booleans())
        if draw(st.booleans()):
            step["fixed_cents"] = draw(_cents)
    measure = draw(st.sampled_from([{}, {"measure": "quantity"}]))
    steps = [step] if draw(st.integers(0, 3)) else [step, {"from": 500, "fixed_cents": 1}]
    return {"bands": "cumulative", **entry, **measure, "steps": steps}


_levels = st.lists(st.sampled_from(IDENTITY_LEVELS), min_size=1, unique=True)
_proofs = st.lists(st.sampled_from(PAYABLE_PROOF_LEVELS), min_size=1, unique=True)
_weekdays = st.lists(st.integers(1, 7), min_size=1, max_size=3, unique=True)
_predicates = st.one_of(
    _proofs.map(lambda one: {"proof_level": {"in": one}}),
    _levels.map(lambda one: {"identity_level": {"in": one}}),
    _weekdays.map(lambda one: {"weekday": {"in": one}}),
    st.sampled_from([
        {"hours": {"from": "07:00", "before": "09:30"}},
        {"hours": {"from": "07:00", "before": "09:30", "time_zone": "UTC"}},
        {"quantity": {"at_least": 1000, "unknown": "fail"}},
        {"quantity": {"above": 7, "unknown": "fail"}},
        {"recorded_within": {"days": 7, "unknown": "fail"}},
        {"recorded_within": {"days": 7, "unknown": "pass"}},
        {"action_type": {"in": ["bike-trip", "bus-trip"]}},
        {"any": []},
        {"in_zone": {"zone": "centre", "end": "end", "unknown": "fail"}},
    ]),
)  # fmt: skip


@st.composite
def _condition(draw: st.DrawFn) -> dict[str, Any]:
    word = draw(st.sampled_from(["require", "require", "require", "exclude"]))
    when = _of(draw(st.sampled_from(KINDS))) if draw(st.booleans()) else {}
    return {word: draw(_predicates), **when}


@st.composite
def _adjustment(draw: st.DrawFn) -> dict[str, Any]:
    word = draw(st.sampled_from(["at_least", "at_most", "times"]))
    when = _of(draw(st.sampled_from(KINDS))) if draw(st.booleans()) else {}
    return {**when, word: 2 if word == "times" else {"cents": draw(_cents)}}


@st.composite
def _limit(draw: st.DrawFn) -> dict[str, Any]:
    counts = draw(st.sampled_from(["cents", "actions", "seats"]))
    found: dict[str, Any] = {
        "per": draw(st.sampled_from(["citizen", "trip", "pair", "programme"])),
        "period": draw(st.sampled_from(["day", "week", "month", "year", "always"])),
        "counts": counts,
        "most": draw(st.integers(0, 9000)),
        "time_zone": draw(st.sampled_from([ZONE, "UTC"])),
        "at_limit": "refuse" if counts != "cents" else draw(st.sampled_from(["cut", "overshoot"])),
    }
    parts = [{"identity_level": {"in": draw(_levels)}}] if draw(st.booleans()) else []
    parts += [_of(draw(st.sampled_from(KINDS)))["when"]] if draw(st.booleans()) else []
    if parts:
        found["when"] = parts[0] if len(parts) == 1 else {"all": parts}
    if draw(st.integers(0, 4)) == 0:
        found["unknown_who"] = "pass"
    return found


def _list(name: str, one: st.SearchStrategy[dict[str, Any]], most: int = 4) -> Any:
    def numbered(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"id": f"{name}{n}", "order": n * 3, **one} for n, one in enumerate(entries)]

    return st.lists(one, max_size=most).map(numbered)


RULE_SETS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "version": st.just(2),
        "time_zone": st.sampled_from([ZONE, "Pacific/Noumea"]),
        "zones": st.just({"centre": {"codes": {"com": ["1"]}}}),
        "conditions": _list("c", _condition(), 6),
        "tariffs": _list("t", _tariff()),
        "rounding": st.sampled_from(["half_up", "half_even", "down", "up"]),
        "limits": _list("l", _limit()),
    },
    optional={"adjustments": _list("a", _adjustment()), "negative": st.just("zero"),
              "limits_order": st.sampled_from(["together", "in_turn"])},
)  # fmt: skip


@st.composite
def _typed(draw: st.DrawFn) -> dict[str, str]:
    """Some fields of one kind of deed, and a limit."""
    kind, found = draw(st.sampled_from(KINDS)), {}
    way = draw(st.sampled_from(["each", "per"]))
    found = {f"rate_{kind}": draw(st.sampled_from(["0.30", "1.05", "2.00"])), f"way_{kind}": way}
    for name in ("most", "plus", "upto") if way == "per" else ():
        found[f"{name}_{kind}"] = ""
    if way == "each":
        found |= {f"{name}_{kind}": "" for name in ("most", "plus", "upto")}
    for name, text in {
        "least": "2", "floor": "0.50", "identity": "contact", "day6": "yes",
        "proof-measured": "yes", "most": "9.00" if way == "per" else "",
        "upto": "5" if way == "per" else "", "plus": "0.10" if way == "per" else "",
    }.items():  # fmt: skip
        if draw(st.booleans()):
            found[f"{name}_{kind}"] = text
    if draw(st.booleans()):
        found |= {f"from_{kind}": "08:00", f"before_{kind}": "12:15"}
    cap = {"most": "3.00", "zone": ZONE, "per": "citizen", "period": "week", "counts": "cents"}
    return found | {f"cap50_{name}": text for name, text in cap.items()} | {"cap50_at": "cut"}


CHANGES = _typed()
assert set(KINDS) <= {kind.id for kind in catalogue().action_types()}
