"""The public dashboard as a page shows it: figures by indicator and month, in words and numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.impact.accounting import Estimate, co2e, shown, total
from app.impact.catalogue import Catalogue, catalogue
from app.impact.entries import ActionType, Indicator
from app.reporting import export, sums
from app.reporting.figures import Figure, proof_name
from app.web import formats
from app.web.shell import PROOF_WORDS
from app.web.words import gettext as _
from app.web.words import locale, ngettext

CHART_WIDTH, CHART_HEIGHT, CHART_TOP = 620, 145, 15


@dataclass(frozen=True)
class Choice:
    """`indicator` is an official code or empty for all; `months` back from the newest."""

    indicator: str
    months: int
    language: str


@dataclass(frozen=True)
class Dashboard:
    headline: str
    block: int
    indicators: list[dict[str, str]]
    chosen: str
    months: int
    figures: list[dict[str, Any]]
    records: list[str]


@dataclass(frozen=True)
class _Line:
    """A figure with its kind of deed."""

    figure: Figure
    action_type: ActionType

    @property
    def month(self) -> int:
        return self.figure.key.month


def dashboard(session: Session, catalogue: Catalogue, choice: Choice) -> Dashboard:
    since = _since(session, choice.months)
    lines = _lines(session, catalogue, since, choice.indicator)
    by_indicator: dict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        for link in line.action_type.indicators:
            by_indicator[link.code].append(line)
    wanted = [code for code in _ordered(by_indicator) if choice.indicator in ("", code)]
    return Dashboard(
        headline=_sentence(*sums.totals(session, since)),
        block=int(export.as_of(session)["block"]),
        indicators=[
            {"code": code, "title": entry.title[_title_language(entry, choice.language)]}
            for code in _ordered(catalogue.indicators)
            for entry in [catalogue.indicators[code]]
        ],
        chosen=choice.indicator,
        months=choice.months,
        figures=[
            _indicator(catalogue.indicators[code], by_indicator[code], choice.language)
            for code in wanted
        ],
        records=[_record(entry) for entry in export.records(session)],
    )


def _ordered(codes: Iterable[str]) -> list[str]:
    """6.4.1 before 11.2.1: by number, not by letter."""
    return sorted(
        codes, key=lambda code: [int(p) if p.isdecimal() else 99 for p in code.split(".")]
    )


def progress(session: Session) -> str:
    """The city's shared progress in one sentence, empty when nothing is published."""
    return _sentence(*sums.totals(session, _since(session, 24)))


def headline(lines: list[_Line]) -> str:
    actions = sum(line.figure.actions for line in lines)
    return _sentence(actions, sum(line.figure.reward_cents for line in lines))


def _sentence(actions: int, cents: int) -> str:
    if not actions:
        return ""
    return ngettext(
        "%(count)s deed, vouched for and rewarded with %(tokens)s.",
        "%(count)s deeds, vouched for and rewarded with %(tokens)s.",
        actions,
        count=formats.whole(actions),
        tokens=formats.tokens(cents),
    )


def _since(session: Session, months: int) -> date:
    """The first of so many months, back from the newest with a figure."""
    newest = sums.newest_month(session)
    if newest is None:
        return date.max
    whole = newest.year * 12 + newest.month - months
    return date(whole // 12, whole % 12 + 1, 1)


def _lines(session: Session, catalogue: Catalogue, since: date, indicator: str) -> list[_Line]:
    """Of one indicator's kinds of deed, or of all."""
    kinds = [
        kind.id
        for kind in catalogue.action_types()
        if not indicator or indicator in {link.code for link in kind.indicators}
    ]
    return [
        _Line(figure, catalogue.by_number(figure.key.action_type, figure.key.action_type_version))
        for figure in sums.figures_since(session, catalogue, since, kinds)
        if figure.actions
    ]


def _indicator(entry: Indicator, lines: list[_Line], language: str) -> dict[str, Any]:
    lines = sorted(lines, key=lambda line: (-line.month, line.action_type.number))
    estimates = [e for e in (co2e(li.figure.metrics, li.action_type) for li in lines) if e]
    title_language = _title_language(entry, language)
    return {
        "code": entry.code,
        "title": entry.title[title_language],
        "title_language": title_language,
        "sentence": headline(lines),
        "co2e": _co2e_sentence(total(estimates)) if estimates else "",
        "range_words": _range_words(total(estimates)) if estimates else "",
        "sources": _sources(line.action_type for line in lines) if estimates else "",
        "bars": _bars(lines),
        "rows": [_row(line, language) for line in lines],
    }


def _title_language(entry: Indicator, language: str) -> str:
    """French titles from before the 2025 review are stale: the English one is shown instead."""
    return "en" if entry.fr_stale or language not in entry.title else language


def mass(grams: int) -> str:
    found = shown(grams)
    return f"{formats.plain_number(found.value)} {found.unit}"


def _co2e_sentence(estimate: Estimate) -> str:
    return _("Avoids about %(mass)s of CO₂e against the baselines.", mass=mass(estimate.central))


def _range_words(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _("The sources give no range.")
    low, high = mass(estimate.low), mass(estimate.high)
    return _("Between %(low)s and %(high)s: a bound, not a confidence.", low=low, high=high)


def _sources(types: Iterable[ActionType]) -> str:
    factors = {
        f"{factor.source.dataset}, {factor.version}"
        for kind in types
        if kind.co2e
        for factor in (kind.co2e.baseline, kind.co2e.action)
        if factor
    }
    return _("Factors: %(sources)s.", sources="; ".join(sorted(factors)))


def _bars(lines: list[_Line]) -> list[dict[str, Any]]:
    by_month: dict[int, int] = defaultdict(int)
    for line in lines:
        by_month[line.month] += line.figure.actions
    months = sorted(by_month)
    most = max(by_month.values(), default=0)
    step = CHART_WIDTH / max(len(months), 4)
    return [
        {
            "x": round(10 + index * step + step * 0.15, 1),
            "width": round(step * 0.7, 1),
            "y": round(CHART_TOP + CHART_HEIGHT * (1 - by_month[month] / most), 1),
            "height": round(CHART_HEIGHT * by_month[month] / most, 1),
            "label": formats.month(month),
            "title": f"{formats.month(month)}: {formats.whole(by_month[month])}",
        }
        for index, month in enumerate(months)
        if most > 0
    ]


def _row(line: _Line, language: str) -> dict[str, str]:
    estimate = co2e(line.figure.metrics, line.action_type)
    return {
        "month": formats.month(line.month),
        "type": line.action_type.name[language],
        "actions": formats.whole(line.figure.actions),
        "quantity": quantity_words(line.figure.metrics, line.action_type),
        "tokens": formats.tokens(line.figure.reward_cents),
        "co2e": mass(estimate.central) if estimate else "–",
        "proof": str(PROOF_WORDS[proof_name(line.figure.key.proof_level)]),
    }


def quantity_words(metrics: dict[str, int], action_type: ActionType) -> str:
    """Summed metrics in the unit in which the deed is entered."""
    name, multiplier = next(iter(action_type.metrics.items()))
    amount = metrics.get(name, 0) / multiplier / action_type.entry_size
    return formats.amount(amount, action_type.entry_unit)


def _record(entry: dict[str, Any]) -> str:
    if entry["id"] == export.SIGNED_BY_SERVER:
        return _(
            "%(signed)s of %(deeds)s deeds vouched for were signed with keys that the city holds.",
            signed=formats.whole(entry["signed"]),
            deeds=formats.whole(entry["deeds"]),
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
        when = formats.month(int(year) * 100 + int(of_year))
    except (ValueError, LookupError):
        return figure
    return f"{entry.name[locale()]}, {when}"
