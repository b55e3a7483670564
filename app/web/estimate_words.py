"""What is said beside an estimate: its range, its factors, and what the deeds are for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from app.impact.accounting import Estimate
from app.impact.entries import Source
from app.web import formats
from app.web.figure_lines import Line, kind_of
from app.web.words import gettext as _
from app.web.words import locale


def co2e_sentence(estimate: Estimate) -> str:
    return _(
        "Avoids about %(mass)s of CO₂e against the baselines.", mass=formats.mass(estimate.central)
    )


def range_words(estimate: Estimate, *, part: bool) -> str:
    """`part`: some of the deeds have no factor."""
    left_out = _("Deeds without a factor are not in it.") + " " if part else ""
    return left_out + _range(estimate)


def _range(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _("The sources give no range.")
    low, high = formats.mass(estimate.low), formats.mass(estimate.high)
    return _("Between %(low)s and %(high)s: a bound, not a confidence.", low=low, high=high)


def sources(lines: Iterable[Line]) -> str:
    kinds = {id(line.kind): line.kind.action_type for line in lines}
    factors = {
        f"{_dataset(factor.source)}, {factor.version}"
        for kind in kinds.values()
        if kind.co2e
        for factor in (kind.co2e.baseline, kind.co2e.action)
        if factor
    }
    return _("Factors: %(sources)s.", sources="; ".join(sorted(factors)))


def _dataset(source: Source) -> str:
    return source.dataset_fr if locale() == "fr" else source.dataset


@lru_cache(maxsize=1024)
def behind(code: str, kinds: tuple[tuple[str, int], ...], language: str) -> list[dict[str, str]]:
    """Each kind of deed: why it contributes, and against what its CO2e is estimated or why not."""
    return [
        {
            "name": kind.name[language],
            "why": next(link.why[language] for link in kind.indicators if link.code == code),
            "baseline": kind.baseline[language] if kind.co2e else "",
            "no_co2e": kind.no_co2e[language] if kind.no_co2e else "",
        }
        for kind in (kind_of(*one).action_type for one in kinds)
    ]
