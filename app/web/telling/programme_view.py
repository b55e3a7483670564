"""A programme as the office and the public read it: its money and its rules in sentences."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.context import db_session
from app.impact.catalogue import catalogue
from app.rewards.language.describing import describe
from app.rewards.language.naming import named
from app.rewards.models import Programme, ProgrammeState, RuleSet
from app.rewards.money.budget import budget_of
from app.rewards.rule_sets.published import is_general
from app.rewards.valuing.terms import newest_rules, rules_in_force
from app.web import formats
from app.web.office import burn_down
from app.web.shell import state_words
from app.web.telling.rule_words import names
from app.web.words import gettext as _
from app.web.words import locale


def shown(session: Session, row: Programme, at: datetime) -> SimpleNamespace:
    rules = rules_in_force(session, row, at) or newest_rules(session, row.id)
    budget = budget_of(session, row, at)
    return SimpleNamespace(
        id=row.id,
        name=row.name[locale()],
        state=row.state.value,
        state_words=life_words(row),
        short_timetable=row.short_timetable,
        earn=row.last_day_to_earn,
        spend=row.last_day_to_spend,
        budget_cents=row.budget_cents,
        budget=budget,
        burn=burn_down.parts(budget),
        rule_version=rules.version if rules else "–",
        rules=in_sentences(rules.rules) if rules else [],
        coming=_coming(session, row, at),
    )


def life_words(row: Programme) -> str:
    """Where it stands, for everybody: what two officers decided is a draft to nobody."""
    day = formats.day(row.first_day)
    if row.state is ProgrammeState.DRAFT:
        return _("decided, being published: begins on %(day)s", day=day)
    if row.state is ProgrammeState.PUBLISHED:
        return _("published: begins on %(day)s", day=day)
    return state_words(row.state.value)


def _coming(session: Session, row: Programme, at: datetime) -> list[RuleSet]:
    """Versions that two officers froze and that do not hold yet."""
    query = select(RuleSet).where(
        col(RuleSet.programme_id) == row.id, col(RuleSet.valid_from) > at, col(RuleSet.version) > 1
    )
    return list(session.scalars(query.order_by(col(RuleSet.version))))


def in_sentences(rules: dict[str, Any]) -> list[str]:
    """The public text of a rule set, generated from the rules themselves."""
    if is_general(rules):
        known = names(db_session()).with_zones(rules, locale())
        sections = describe(named(rules, known), locale())
        return [text for one in sections for text in one.sentences]
    return [rate_sentence(rate) for rate in rules["rates"]] + [_cap(cap) for cap in rules["caps"]]


def rate_sentence(rate: dict[str, Any]) -> str:
    """What one kind of deed brings."""
    kind = catalogue().action_type(rate["action_type"])
    name = kind.name[locale()]
    if "cents_per_action" in rate:
        return _("%(name)s: %(tokens)s each time.", name=name, tokens=_tokens(rate))
    per = rate["cents_per_unit"]
    cents = per["numerator"] * kind.entry_size / per["denominator"]
    text = _(
        "%(name)s: %(cents)s token cents per %(unit)s",
        name=name,
        cents=formats.plain_number(round(cents, 2)),
        unit=kind.entry_unit,
    )
    if "max_cents_per_action" in rate:
        most = formats.tokens(rate["max_cents_per_action"])
        return _("%(rate)s, at most %(most)s at a time.", rate=text, most=most)
    return f"{text}."


def _tokens(rate: dict[str, Any]) -> str:
    return formats.tokens(int(rate["cents_per_action"]))


def _cap(cap: dict[str, Any]) -> str:
    spans = {"day": _("a day"), "month": _("a month")}
    levels = {
        "*": _("everybody"),
        "verified": _("people whose identity is verified"),
        "contact": _("people known by a contact"),
        "card": _("people with a card only"),
    }
    return _(
        "At most %(tokens)s %(span)s for %(level)s.",
        tokens=formats.tokens(int(cap["cents"])),
        span=spans.get(cap["span"], cap["span"]),
        level=levels.get(cap.get("level", "*"), cap.get("level", "*")),
    )
