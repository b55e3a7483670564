"""The public dashboard as a page shows it: figures by indicator and month, in words and numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from textwrap import shorten
from typing import Any

from markupsafe import Markup
from sqlalchemy import Connection

from app.impact.catalogue import catalogue
from app.reporting import export, sums
from app.web import formats
from app.web.charts import bars
from app.web.public.estimate_words import behind
from app.web.public.figure_lines import Line, kinds_of, lines_of
from app.web.public.goals import goals, untouched
from app.web.public.indicator_view import (
    co2e_words,
    headline,
    indicator,
    indicator_codes,
    sentence,
    title_of,
)
from app.web.shell import PROOF_WORDS
from app.web.words import Speech, locale, speech
from app.web.words import gettext as _


@dataclass(frozen=True)
class Choice:
    """`indicator` is an official code or empty for all; `months` back from the newest."""

    indicator: str
    months: int


@dataclass(frozen=True)
class Dashboard:
    headline: str
    block: int
    indicators: Markup
    chosen: str
    months: int
    co2e: dict[str, str]
    goals: list[dict[str, Any]]
    untouched: list[dict[str, str]]
    figures: list[dict[str, Any]]
    detail: dict[str, Any] | None
    records: list[str]


def dashboard(ask: sums.Ask, choice: Choice) -> Dashboard:
    chosen = catalogue().same_as(choice.indicator)[0] if choice.indicator else ""
    shown = sums.shown(ask, kinds_of(chosen), choice.months, formats.here())
    lines, spoken = lines_of(shown.sums, chosen), speech()
    return Dashboard(
        headline=headline(lines, spoken),
        block=shown.block,
        indicators=_options(spoken.locale, chosen),
        chosen=chosen,
        months=choice.months,
        co2e=co2e_words([] if chosen else lines),
        goals=[] if chosen else goals(lines, spoken),
        untouched=[] if chosen else untouched(spoken.locale),
        figures=[indicator(chosen, lines, spoken)] if chosen and lines else [],
        detail=_detail(chosen, lines, spoken) if chosen and lines else None,
        records=[_record(entry) for entry in export.records(shown.records)],
    )


@cache
def _options(language: str, chosen: str) -> Markup:
    """Every indicator once, with its codes and its title, shortened where it is long."""
    option = Markup('<option value="{}"{}>{}</option>')
    return Markup().join(
        option.format(codes[0], Markup(" selected") if codes[0] == chosen else "", words)
        for codes in indicator_codes()
        for title, _spoken in [title_of(catalogue().indicators[codes[0]], language)]
        for words in [f"{', '.join(codes)} · {shorten(title, 70, placeholder=' …')}"]
    )


def progress(connection: Connection) -> str:
    """The city's shared progress in one sentence, empty when nothing is published."""
    return sentence(*sums.totals(connection, 24), speech())


def _detail(code: str, lines: list[Line], spoken: Speech) -> dict[str, Any]:
    """By month: as a chart, and with the kinds of deed as a table; and what these are for."""
    deeds: dict[date, int] = defaultdict(int)
    for line in lines:
        deeds[line.sum.month] += line.sum.actions
    kinds = tuple(dict.fromkeys([(one[1], one[2]) for one, _kind, _estimate in lines]))
    return {
        "bars": bars(deeds, spoken),
        "rows": _rows(lines, spoken),
        "behind": behind(code, kinds, spoken.locale),
    }


def _rows(lines: Iterable[Line], spoken: Speech) -> list[tuple[str, ...]]:
    """Month, deed, deeds, quantity, tokens, CO2e and how it is known."""
    proofs = _proofs(spoken)
    return [
        (
            formats.month(one.month, spoken),
            kind.action_type.name[spoken.locale],
            formats.whole(one.actions, spoken),
            formats.amount(kind.quantity(one) / kind.entry, kind.action_type.entry_unit, spoken),
            formats.tokens(one.reward_cents, spoken),
            formats.mass(estimate.central, spoken) if estimate else "–",
            proofs[one.proof_level],
        )
        for one, kind, estimate in lines
    ]


@cache
def _proofs(_spoken: Speech) -> dict[str, str]:
    return {name: str(words) for name, words in PROOF_WORDS.items()}


def _record(entry: dict[str, Any]) -> str:
    if entry["id"] == export.SIGNED_BY_SERVER:
        return _(
            "%(signed)s of %(deeds)s deeds vouched for were signed with keys that the city holds.",
            signed=formats.whole(entry["signed"]),
            deeds=formats.whole(entry["deeds"]),
        )
    if entry["id"] == export.HELD:
        return _(
            "%(tokens)s of %(people)s lie in wallets whose keys the city holds.",
            tokens=formats.tokens(entry["held_cents"]),
            people=formats.people(entry["holders"]),
        )
    if entry["id"] == export.EMERGENCIES:
        last = date.fromisoformat(entry["last_on"])
        return _(
            "Emergency access, by which one of the city's staff acts alone: %(opened)s in %(year)s,"
            " last on %(day)s.",
            opened=formats.whole(entry["opened"]),
            year=last.year,
            day=formats.day(last),
        )
    return _(
        "%(trips)s trips and %(km)s km reported by partners without a rider.",
        trips=formats.whole(entry["trips"]),
        km=formats.whole(entry["distance_m"] // 1000),
    )


def figure_words(figure: str) -> str:
    """A figure's id in words: its deed and month; the id itself when it is not one of ours."""
    try:
        _programme, month, kind, _proof = figure.split("/")
        number, version = kind.split(".")
        entry = catalogue().by_number(int(number), int(version))
        year, of_year = month.split("-")
        when = formats.month(date(int(year), int(of_year), 1))
    except (ValueError, LookupError):
        return figure
    return f"{entry.name[locale()]}, {when}"
