"""The public dashboard as a page shows it: figures by indicator and month, in words and numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from textwrap import shorten
from typing import Any

from sqlalchemy import Connection

from app.impact.accounting import total
from app.impact.catalogue import catalogue
from app.impact.entries import VOUCHED, Indicator
from app.reporting import export, sums
from app.web import formats
from app.web.charts import bars
from app.web.estimate_words import behind, co2e_sentence, range_words, sources
from app.web.figure_lines import Line, kinds_of, lines_of
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
    indicators: tuple[tuple[str, str], ...]
    chosen: str
    months: int
    figures: list[dict[str, Any]]
    detail: dict[str, Any] | None
    records: list[str]


def dashboard(ask: sums.Ask, choice: Choice) -> Dashboard:
    shown = sums.shown(ask, kinds_of(choice.indicator), choice.months)
    lines, spoken = lines_of(shown.sums, choice.indicator), speech()
    return Dashboard(
        headline=_headline(lines, spoken),
        block=shown.block,
        indicators=_choices(spoken.locale),
        chosen=choice.indicator,
        months=choice.months,
        figures=[
            _indicator(catalogue().indicators[code], behind, spoken)
            for code, behind in _by_indicator(lines, choice.indicator)
        ],
        detail=_detail(choice.indicator, lines, spoken) if choice.indicator and lines else None,
        records=[_record(entry) for entry in export.records(shown.records)],
    )


@cache
def _choices(language: str) -> tuple[tuple[str, str], ...]:
    """Every indicator with its title, shortened where it is long."""
    entries = catalogue().indicators
    titles = {code: entries[code].title for code in _ordered(entries)}
    return tuple(
        (code, f"{code} · {shorten(title[spoken], 70, placeholder=' …')}")
        for code, title in titles.items()
        for spoken in [_title_language(entries[code], language)]
    )


def _ordered(codes: Iterable[str]) -> list[str]:
    """6.4.1 before 11.2.1: by number, not by letter."""
    return sorted(
        codes, key=lambda code: [int(p) if p.isdecimal() else 99 for p in code.split(".")]
    )


def progress(connection: Connection) -> str:
    """The city's shared progress in one sentence, empty when nothing is published."""
    return _sentence(*sums.totals(connection, 24), speech())


def _headline(lines: Sequence[Line], spoken: Speech) -> str:
    actions = sum([line.sum.actions for line in lines])
    vouched = sum([line.sum.actions for line in lines if line.sum.proof_level in VOUCHED])
    cents = sum([line.sum.reward_cents for line in lines])
    return _sentence(vouched, cents, actions - vouched, spoken)


def _sentence(vouched: int, cents: int, own_word: int, spoken: Speech) -> str:
    """What nobody vouched for is told apart, and never as rewarded."""
    said = []
    if vouched:
        said.append(
            spoken.ngettext(
                "%(count)s deed, vouched for and rewarded with %(tokens)s.",
                "%(count)s deeds, vouched for and rewarded with %(tokens)s.",
                vouched,
                count=formats.whole(vouched, spoken),
                tokens=formats.tokens(cents, spoken),
            )
        )
    if own_word:
        said.append(
            spoken.ngettext(
                "%(count)s deed on somebody's own word, which nobody vouched for.",
                "%(count)s deeds on people's own word, which nobody vouched for.",
                own_word,
                count=formats.whole(own_word, spoken),
            )
        )
    return " ".join(said)


def _by_indicator(lines: list[Line], chosen: str) -> list[tuple[str, list[Line]]]:
    """What stands behind each indicator; a deed may contribute to several."""
    if chosen:
        return [(chosen, lines)] if lines else []
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        for link in line.kind.action_type.indicators:
            found[link.code].append(line)
    return [(code, found[code]) for code in _ordered(found)]


def _indicator(entry: Indicator, lines: list[Line], spoken: Speech) -> dict[str, Any]:
    vouched = [line for line in lines if line.sum.proof_level in VOUCHED]
    estimates = [line.estimate for line in vouched if line.estimate]
    whole = total(estimates) if estimates else None
    title_language = _title_language(entry, spoken.locale)
    return {
        "code": entry.code,
        "title": entry.title[title_language],
        "title_language": title_language,
        "sentence": _headline(lines, spoken),
        "co2e": co2e_sentence(whole) if whole else "",
        "range_words": range_words(whole, part=len(estimates) < len(vouched)) if whole else "",
        "sources": sources(vouched) if whole else "",
    }


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


def _title_language(entry: Indicator, language: str) -> str:
    """French titles from before the 2025 review are stale: the English one is shown instead."""
    return "en" if entry.fr_stale or language not in entry.title else language


def _rows(lines: Iterable[Line], spoken: Speech) -> list[tuple[str, ...]]:
    """Month, deed, deeds, quantity, tokens, CO2e and how it is known."""
    proofs = {name: str(words) for name, words in PROOF_WORDS.items()}
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


def _record(entry: dict[str, Any]) -> str:
    if entry["id"] == export.SIGNED_BY_SERVER:
        return _(
            "%(signed)s of %(deeds)s deeds vouched for were signed with keys that the city holds.",
            signed=formats.whole(entry["signed"]),
            deeds=formats.whole(entry["deeds"]),
        )
    if entry["id"] == export.HELD:
        return _(
            "%(tokens)s of %(people)s people lie in wallets whose keys the city holds.",
            tokens=formats.tokens(entry["held_cents"]),
            people=formats.whole(entry["holders"]),
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
