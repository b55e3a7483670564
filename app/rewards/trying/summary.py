"""A simulation in a few sentences, to paste into a council's decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app.rewards.language.clauses import written_day
from app.rewards.language.figures import amount, exact
from app.typography import printed

Found = Mapping[str, Any]
SHOWN = 3  # of the rules that bite
SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "tried": "Tried on {actions} deeds from {first} to {last}, rule set {hash}.",
        "cost": "These rules would have cost {cost}, for {paid} of these deeds.",
        "worth": "Without limits it would have been {worth}.",
        "people": "{people} people would have got something, half of them {median} or less; the "
        "tenth who got most would have got {top}% of what known people got.",
        "few": "Fewer than five people would have got something.",
        "short": "A budget of {budget} would have run short on {day}.",
        "left": "Of a budget of {budget}, {left} would have been left.",
        "bites": "What refused or cut most: {rules}.",
        "bite": "“{words}” ({times})",
        "other": "For comparison, the rule set {hash} would have cost {cost}: {change}.",
        "more": "{amount} more", "less": "{amount} less", "same": "the same",
        "moved": "With it, people who would have got more: {more}, less: {less}, the same: {same}.",
        "caveat": "What people did is taken as it was; other rules would have changed it.",
    },
    "fr": {
        "tried": "Essai sur {actions} gestes du {first} au {last}, règles {hash}.",
        "cost": "Ces règles auraient coûté {cost}, pour {paid} de ces gestes.",
        "worth": "Sans plafonds, cela aurait été {worth}.",
        "people": "{people} personnes auraient reçu quelque chose, la moitié d’entre elles "
        "{median} ou moins ; le dixième le mieux servi aurait reçu {top}\u00a0% de ce qu’ont reçu "
        "les personnes connues.",
        "few": "Moins de cinq personnes auraient reçu quelque chose.",
        "short": "Un budget de {budget} aurait manqué le {day}.",
        "left": "D’un budget de {budget}, il serait resté {left}.",
        "bites": "Ce qui a refusé ou réduit le plus souvent : {rules}.",
        "bite": "« {words} » ({times})",
        "other": "À titre de comparaison, les règles {hash} auraient coûté {cost} : {change}.",
        "more": "{amount} de plus", "less": "{amount} de moins", "same": "autant",
        "moved": "Avec elles, personnes qui auraient reçu plus : {more}, moins : {less}, "
        "autant : {same}.",
        "caveat": "Ce que les gens ont fait est pris tel quel ; d’autres règles l’auraient changé.",
    },
}  # fmt: skip
SENTENCES = printed(SENTENCES)


def summary(one: Found, other: Found | None, change: Found | None, language: str) -> str:
    """One paragraph. `one` and `other` are results, `change` compares them."""
    return " ".join(_sentences(one, other, change, language))


def _sentences(
    one: Found, other: Found | None, change: Found | None, language: str
) -> Iterator[str]:
    words = SENTENCES[language]
    first, last = (_day(one[name], language) for name in ("first_day", "last_day"))
    whole, paid = (exact(one[name], language) for name in ("actions", "paid_actions"))
    yield words["tried"].format(actions=whole, first=first, last=last, hash=one["rule_set_hash"])
    yield words["cost"].format(cost=amount(one["cost_cents"], language), paid=paid)
    if one["worth_cents"] != one["cost_cents"]:
        yield words["worth"].format(worth=amount(one["worth_cents"], language))
    yield _people(one["distribution"], language)
    yield from _budget(one, language)
    yield from _bites(one["rules_that_bite"], language)
    if other is not None and change is not None:
        yield from _other(other, change, language)
    yield words["caveat"]


def _people(distribution: Found | None, language: str) -> str:
    words = SENTENCES[language]
    if distribution is None or distribution["people"] < 5:
        return words["few"]
    return words["people"].format(
        people=exact(distribution["people"], language),
        median=amount(distribution["median_cents"], language),
        top=distribution["top_tenth_percent"],
    )


def _budget(one: Found, language: str) -> Iterator[str]:
    if one["budget_cents"] is None:
        return
    words, budget = SENTENCES[language], amount(one["budget_cents"], language)
    if one["short_on"]:
        yield words["short"].format(budget=budget, day=_day(one["short_on"], language))
    else:
        yield words["left"].format(budget=budget, left=amount(one["left_cents"], language))


def _bites(bites: list[Found], language: str) -> Iterator[str]:
    words = SENTENCES[language]
    said = [
        words["bite"].format(words=one["words"].rstrip("."), times=exact(one["actions"], language))
        for one in bites[:SHOWN]
    ]
    if said:
        yield words["bites"].format(rules=("\u00a0; " if language == "fr" else "; ").join(said))


def _other(other: Found, change: Found, language: str) -> Iterator[str]:
    words, cents = SENTENCES[language], change["cost_cents"]
    how = words["more" if cents > 0 else "less" if cents < 0 else "same"]
    yield words["other"].format(
        hash=other["rule_set_hash"],
        cost=amount(other["cost_cents"], language),
        change=how.format(amount=amount(abs(cents), language)),
    )
    if change["people"] is not None:
        counts = {name: exact(count, language) for name, count in change["people"].items()}
        yield words["moved"].format(**counts)


def _day(text: str, language: str) -> str:
    return written_day(date.fromisoformat(text), language)
