"""A rule set in plain French and English, for the public: a sentence for each entry, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.rewards.language.clauses import clause
from app.rewards.language.describing_words import WORDS
from app.rewards.language.exact import fraction
from app.rewards.language.figures import amount, exact, measure, noun
from app.rewards.language.words import FIELDS
from app.rewards.language.worth import in_order

Rules = Mapping[str, Any]
Told = tuple[str, str]  # the id of an entry, and what it says
_FEW = 4  # kinds of action that a sentence names twice


@dataclass(frozen=True)
class Section:
    title: str
    told: tuple[Told, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(sentence for _, sentence in self.told)

    @property
    def named(self) -> list[tuple[str | None, str]]:
        """As `told`, with an id where it stands first alone: places of a page have one each."""
        seen = [rule for rule, _ in self.told]
        return [
            (rule if rule not in seen[:place] else None, sentence)
            for place, (rule, sentence) in enumerate(self.told)
        ]


def describe(rules: Rules, language: str) -> list[Section]:
    """Of a rule set in its canonical form. KeyError for a language other than fr and en."""
    parts: dict[str, list[Told]] = {name: [] for name in _PARTS}
    for part, rule, sentence in by_entry(rules, language):
        parts[part].append((rule, sentence))
    return [Section(WORDS[language][name], tuple(parts[name])) for name in parts]


def brings(rules: Rules, tariffs: list[Rules], language: str) -> tuple[str, ...]:
    """What some of its tariffs pay, and how that is adjusted and rounded."""
    told = _amounts({**rules, "tariffs": tariffs}, language)
    return tuple(_capital(text) for _, text in told)


def by_entry(rules: Rules, language: str) -> Iterator[tuple[str, str, str]]:
    """Each sentence with its part and the id of the entry that it tells."""
    for part, told in _PARTS.items():
        for rule, text in told(rules, language):
            yield part, rule, _capital(text)


def _conditions(rules: Rules, language: str) -> Iterator[Told]:
    words = WORDS[language]
    for entry in in_order(rules, "conditions"):
        for word in ("require", "exclude"):
            if word in entry:
                said = words[word].format(_asked(entry[word], rules, language))
                if "when" in entry:
                    said = words["where"].format(when=clause(entry["when"], language), said=said)
                yield entry["id"], f"{said}{_unknown(entry, language)}."


def _asked(said: Rules, rules: Rules, language: str) -> str:
    """Many kinds of action are named once, where their amounts are."""
    listed, tariffs = said.get("action_type", {}).get("in", ()), rules["tariffs"]
    if len(listed) > _FEW and set(listed) == {kind for one in tariffs for kind in _kinds(one)}:
        return str(WORDS[language]["below"])
    return clause(said, language)


def _kinds(tariff: Rules) -> list[str]:
    """The kinds of action that it is about, if that is all it asks."""
    found: list[str] = tariff.get("when", {}).get("action_type", {}).get("in", [])
    return found


def _unknown(entry: Rules, language: str) -> str:
    return f" ({WORDS[language][entry['unknown']]})" if "unknown" in entry else ""


def _amounts(rules: Rules, language: str) -> Iterator[Told]:
    words, tariffs = WORDS[language], in_order(rules, "tariffs")
    kinds = [kind for tariff in tariffs for kind in _kinds(tariff) or ("", "")]
    apart = len(set(kinds)) == len(kinds)  # no action has two of them
    for place, tariff in enumerate(tariffs):
        steps = [_step(step, tariff, language) for step in tariff["steps"]]
        head = words["otherwise"] if place and not apart else ""
        if "when" in tariff:
            condition = f"{words['if']}{clause(tariff['when'], language)}"
            head = f"{head}, {condition}" if head else condition
        start = f"{head}{words['colon']}" if head else ""
        between = "\u00a0; " if language == "fr" else "; "
        said = f"{start}{between.join(steps)}."
        yield tariff["id"], said
        if tariff["bands"] == "exclusive" and len(steps) > 1:
            yield tariff["id"], words["one_step"]
        if "when" not in tariff:
            break
    for entry in in_order(rules, "adjustments"):
        yield entry["id"], _adjustment(entry, language)
    yield "rounding", words[rules["rounding"]]
    if rules.get("negative", "zero") == "allowed":
        yield "negative", words["negative"]


def _step(step: Rules, tariff: Rules, language: str) -> str:
    words = WORDS[language]
    where = _reached(step, tariff, language)
    if "when" in step:
        where.append(f"{words['if']}{clause(step['when'], language)}")
    what = [
        words[word].format(amount(step[name], language))
        for name, word in (("fixed_cents", "fixed"), ("seat_cents", "seat"))
        if fraction(step.get(name, 0))
    ]
    what += [_per(step, tariff.get("unit"), language)] if "per" in step else []
    start = f"{' '.join(where)}{words['colon']}" if where else ""
    return str(words["step"].format(where=start, what=words["and"].join(what) or words["nothing"]))


def _reached(step: Rules, tariff: Rules, language: str) -> list[str]:
    words, kind, unit = WORDS[language], tariff.get("measure", "distance_m"), tariff.get("unit")
    start = measure(kind, step["from"], language, unit) if step.get("from", 0) else ""
    ends = tariff["bands"] == "exclusive" and "below" in step
    end = measure(kind, step["below"], language, unit) if ends else ""
    if start and end:
        return [words["step_both"].format(start, end)]
    if start or end:
        return [words["step_from" if start else "step_below"].format(start or end)]
    return []


def _per(step: Rules, unit: str | None, language: str) -> str:
    words, per = WORDS[language], step["per"]
    bounds = [
        words[word].format(measure(per["of"], per[name], language, unit))
        for name, word in (("offset", "from"), ("limit", "to"))
        if per.get(name)
    ]
    if "round_to" in per:
        bounds.append(
            words["rounded"].format(measure(per["of"], per["round_to"]["size"], language, unit))
        )
    most = per.get("max_cents")
    return str(
        words["per"].format(
            cents=amount(per["cents"], language),
            size=measure(per["of"], per["size"], language, unit),
            bounds="".join(bounds),
            seats=words["per_seat"] if step.get("times_seats", True) else "",
            most="" if most is None else words["up_to"].format(amount(most, language)),
        )
    )


def _adjustment(entry: Rules, language: str) -> str:
    words = WORDS[language]
    kind = next(kind for kind in ("times", "minus", "at_most", "at_least") if kind in entry)
    said = entry[kind]
    if kind == "times":
        what = exact(said, language)
    elif "field" in said:
        what = FIELDS[language][said["field"]]
    else:
        what = amount(said["cents"], language)
    when = f" {words['if']}{clause(entry['when'], language)}" if "when" in entry else ""
    return f"{words[kind].format(what)}{when}{_unknown(entry, language)}."


def _limits(rules: Rules, language: str) -> Iterator[Told]:
    words = WORDS[language]
    for entry in in_order(rules, "limits"):
        said = words["limit"].format(
            most=_most(entry, language),
            whose=words["whose"][entry["per"]],
            period=words["periods"][entry["period"]],
        )
        when = f" {words['if']}{clause(entry['when'], language)}" if "when" in entry else ""
        how = "" if entry["counts"] == "actions" else f" ({words[entry['at_limit']]})"
        yield entry["id"], f"{said}{when}{how}."


def _most(entry: Rules, language: str) -> str:
    words, most, counts = WORDS[language], entry["most"], entry["counts"]
    if not isinstance(most, int):
        return f"{words['number'].format(most['number'])} ({words['kinds'][counts]})"
    if counts == "cents":
        return amount(most, language)
    return noun({"actions": "action", "seats": "seat"}[counts], most, language)


_PARTS: Mapping[str, Callable[[Rules, str], Iterator[Told]]] = {
    "conditions": _conditions,
    "amounts": _amounts,
    "limits": _limits,
}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
