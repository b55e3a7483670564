"""What is allowed in a rule set and looks like an oversight: to be acknowledged, not refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.rewards.language.clauses import written_day
from app.rewards.language.figures import exact
from app.rewards.language.worth import in_order
from app.typography import printed

Rules = Mapping[str, Any]
SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "never_reached": "is never reached: {other} comes first and always holds",
        "beyond_reach": "pays from {start} on, but {other} admits less than {most} only",
        "empty_step": "pays from {start} to less than {end}: nothing",
        "never_pays": "lets nothing pass: its limit is 0",
        "never_bites": "never bites: {other} allows less of the same",
        "hidden_entry": "begins before the entry above it, which it replaces from then on",
        "no_budget": "no limit counts the programme's cents: the rules alone bound no budget",
        "no_citizen_limit": "no limit holds for a citizen or a trip: one person may earn it all",
        "known_less": "gives people who are known less more than {other} gives others",
        "no_ceiling": "has no ceiling: a long journey or a large quantity earns without end",
        "as_reported": "pays what {field} says, with no ceiling behind it",
        "never_said": "asks what the programme's own deeds never say: it decides nothing by it",
        "nobody_asks": "asks whose counter it is where that isn't known, and nobody can find it "
        "out later: such a deed waits until it is refused",
        "calendar_ends": "knows no day after {last}: after it no day counts as one of {name}",
        "counts_anew": "counts no more by the name {other}, which the rules until now do: what was "
        "counted is forgotten, and everybody begins at nothing",
    },
    "fr": {
        "never_reached": "n’est jamais atteint : {other} passe avant et vaut toujours",
        "beyond_reach": "paie à partir de {start}, mais {other} n’admet que moins de {most}",
        "empty_step": "paie de {start} à moins de {end} : rien",
        "never_pays": "ne laisse rien passer : son plafond est 0",
        "never_bites": "ne joue jamais : {other} permet moins de la même chose",
        "hidden_entry": "commence avant l’entrée qui précède, et la remplace dès lors",
        "no_budget": "aucun plafond ne compte les centimes du programme : les règles seules ne "
        "bornent aucun budget",
        "no_citizen_limit": "aucun plafond par personne ni par trajet : une seule personne peut "
        "tout gagner",
        "known_less": "donne à qui est moins connu plus que {other} n’en donne aux autres",
        "no_ceiling": "n’a pas de plafond : un long trajet ou une grande quantité rapporte sans "
        "fin",
        "as_reported": "paie ce que dit {field}, sans plafond ensuite",
        "never_said": "demande ce que les gestes du programme ne disent jamais : rien n’en dépend",
        "nobody_asks": "demande à qui est le compteur quand on ne le sait pas, et nul ne peut le "
        "trouver ensuite : un tel geste attend d’être refusé",
        "calendar_ends": "ne connaît aucun jour après le {last} : ensuite, aucun jour ne compte "
        "pour {name}",
        "counts_anew": "ne compte plus sous le nom {other}, comme le font les règles jusqu’ici : "
        "ce qui était compté est oublié, et chacun repart de zéro",
    },
}
SENTENCES = printed(SENTENCES)


@dataclass(frozen=True)
class Caution:
    """Something odd at `path`; `code` is a key of SENTENCES."""

    path: str
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        said = {name: _said(value, language) for name, value in self.values.items()}
        return f"{self.path} {SENTENCES[language][self.code].format(**said)}"


def _said(value: Any, language: str) -> str:
    """Numbers and days as the language writes them."""
    if isinstance(value, date):
        return written_day(value, language)
    return exact(value, language) if isinstance(value, int) else str(value)


def cautions(rules: Rules) -> list[Caution]:
    """Of a rule set in its canonical form."""
    return [*_tariffs(rules), *_admitted(rules), *_limits(rules), *_budget(rules)]


def _tariffs(rules: Rules) -> Iterator[Caution]:
    always: str | None = None
    bound = _upper_bound(rules)
    for index, tariff in enumerate(in_order(rules, "tariffs")):
        path = f"$.tariffs[{index}]"
        if always is not None:
            yield Caution(path, "never_reached", {"other": always})
        if "when" not in tariff:
            always = always or tariff["id"]
        for number, step in enumerate(tariff["steps"]):
            yield from _step(step, tariff, f"{path}.steps[{number}]", bound)


def _step(
    step: Rules, tariff: Rules, path: str, bound: tuple[int, str] | None
) -> Iterator[Caution]:
    start, end = step.get("from", 0), step.get("below")
    if tariff["bands"] == "exclusive" and end is not None and end <= start:
        yield Caution(path, "empty_step", {"start": start, "end": end})
    measured = tariff.get("measure", "distance_m") == "distance_m"
    if measured and bound is not None and start >= bound[0]:
        values = {"start": start, "most": bound[0], "other": bound[1]}
        yield Caution(path, "beyond_reach", values)
    per = step.get("per")
    closed = tariff["bands"] == "exclusive" and end is not None
    bounded = bound is not None and per is not None and per["of"] == "distance_m"
    if per and not ({"limit", "max_cents"} & set(per) or closed or bounded):
        yield Caution(f"{path}.per", "no_ceiling")


def _upper_bound(rules: Rules) -> tuple[int, str] | None:
    """The least length that no condition admits, and which says so; exact in metres."""
    found: list[tuple[int, str]] = []
    for condition in rules["conditions"]:
        said = condition.get("require", {}).get("distance_m")
        if said is None or "when" in condition or said.get("unknown") == "pass":
            continue
        found += [(said["below"], condition["id"])] if "below" in said else []
        found += [(said["at_most"] + 1, condition["id"])] if "at_most" in said else []
    return min(found, default=None)


def _admitted(rules: Rules) -> Iterator[Caution]:
    for index, condition in enumerate(in_order(rules, "conditions")):
        for kind in ("partner", "attester"):
            entries = condition.get("require", {}).get(kind, {}).get("admitted", ())
            starts = [entry.get("from", "") for entry in entries]
            for place in range(1, len(starts)):
                if starts[place] < starts[place - 1]:
                    path = f"$.conditions[{index}].require.{kind}.admitted[{place}]"
                    yield Caution(path, "hidden_entry")


def _limits(rules: Rules) -> Iterator[Caution]:
    limits = in_order(rules, "limits")
    for index, limit in enumerate(limits):
        path, most = f"$.limits[{index}]", limit["most"]
        if most == 0:
            yield Caution(path, "never_pays")
        for other in limits:
            stricter = isinstance(most, int) and isinstance(other["most"], int)
            if stricter and other["most"] < most and _same(limit, other):
                yield Caution(path, "never_bites", {"other": other["id"]})


def _same(limit: Rules, other: Rules) -> bool:
    """Whether both count the same, and the other always holds."""
    words = ("per", "period", "counts", "time_zone")
    return "when" not in other and all(limit[word] == other[word] for word in words)


def _budget(rules: Rules) -> Iterator[Caution]:
    limits = [limit for limit in rules["limits"] if "when" not in limit]
    cents = [limit for limit in limits if limit["counts"] == "cents"]
    if not any(limit["per"] == "programme" for limit in cents):
        yield Caution("$.limits", "no_budget")
    if not any(limit["per"] in ("citizen", "trip", "pair") for limit in limits):
        yield Caution("$.limits", "no_citizen_limit")
    entries = in_order(rules, "adjustments")
    for index, entry in enumerate(entries):
        reported = entry.get("at_least", {}).get("field")
        if reported and not any("at_most" in later for later in entries[index + 1 :]):
            yield Caution(f"$.adjustments[{index}].at_least", "as_reported", {"field": reported})
