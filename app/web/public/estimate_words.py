"""What is said beside an estimate: its range, its factors, and what the deeds are for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from app.impact.accounting import Estimate, net, spread, total
from app.impact.catalogue import catalogue
from app.impact.entries import Contribution, Source, Texts
from app.typography import with_breaks_kept
from app.web import formats
from app.web.public.figure_lines import Line, kind_of
from app.web.words import gettext as _
from app.web.words import locale


def co2e_sentence(estimate: Estimate) -> str:
    """Gross, and named so: against the baselines, whatever people would have done anyway."""
    if estimate.central < 0:
        return _(
            "Causes about %(mass)s of CO₂e more than the baselines (gross).",
            mass=formats.mass(-estimate.central),
        )
    return _(
        "Avoids about %(mass)s of CO₂e against the baselines (gross).",
        mass=formats.mass(estimate.central),
    )


def range_words(estimates: Sequence[Estimate], *, part: bool) -> str:
    """`part`: some of the deeds have no factor."""
    said = [_("Gross: what people would have done anyway is not taken off.")]
    if part:
        said.append(_("Deeds without a factor are not in it."))
    return " ".join([*said, *_range(estimates)])


def _range(estimates: Sequence[Estimate]) -> list[str]:
    """The sources' range, and for which share of the total they give none."""
    known, said = spread(estimates), []
    if known.ranged and known.ranged.low is not None and known.ranged.high is not None:
        low, high = formats.mass(known.ranged.low), formats.mass(known.ranged.high)
        said.append(
            _("Between %(low)s and %(high)s: a bound, not a confidence.", low=low, high=high)
            if not known.unranged_percent
            else _("The part with a range lies between %(low)s and %(high)s.", low=low, high=high)
        )
    if known.unranged_percent or not said:
        said.append(
            _(
                "Range not published by the source: for %(percent)s of the total.",
                percent=formats.percent(known.unranged_percent * 100),
            )
        )
    return said


def net_words(lines: Sequence[Line]) -> str:
    """What programmes take to be their own doing, each share with its source; empty without any."""
    shares: dict[tuple[str, int, str], list[Estimate]] = defaultdict(list)
    for line in lines:
        permille, source = line.sum.net_permille, line.sum.net_source
        if line.estimate and permille is not None and source is not None:
            name = line.kind.action_type.name[locale()]
            shares[(name, permille, source)].append(line.estimate)
    if not shares:
        return ""
    own = [net(total(parts), permille) for (_name, permille, _source), parts in shares.items()]
    said = "; ".join(
        _(
            "%(deed)s: %(percent)s, source: %(source)s",
            deed=name,
            percent=formats.percent(part * 10),
            source=source,
        )
        for name, part, source in shares
    )
    return _(
        "Net, where a programme says which share would not have happened anyway:"
        " about %(mass)s of %(gross)s (%(shares)s). From the city's records.",
        mass=formats.mass(total(own).central),
        gross=formats.mass(total(one for parts in shares.values() for one in parts).central),
        shares=said,
    )


def sources(lines: Iterable[Line]) -> str:
    gains = {
        (id(line.kind), line.sum.month): line.kind.rule.on(line.sum.month)
        for line in lines
        if line.kind.rule
    }
    used = {id(one): one for gain in gains.values() if gain for one in gain.factors}
    factors = {f"{dataset(one.source)}, {one.version}" for one in used.values()}
    return _("Factors: %(sources)s.", sources="; ".join(sorted(factors)))


def dataset(source: Source) -> str:
    return source.dataset_fr if locale() == "fr" else source.dataset


@lru_cache(maxsize=1024)
def behind(code: str, kinds: tuple[tuple[str, int], ...], language: str) -> list[dict[str, str]]:
    """Each kind of deed: why it contributes, and against what its CO2e is estimated or why not."""
    return [
        {
            "name": kind.name[language],
            "why": _said(_why(kind.indicators, code), language),
            "baseline": _said(kind.baseline, language) if kind.co2e else "",
            "baseline_source": _said(kind.baseline_source, language) if kind.co2e else "",
            "no_co2e": _said(kind.no_co2e, language) if kind.no_co2e else "",
        }
        for kind in (kind_of(*one).action_type for one in kinds)
    ]


def _said(texts: Texts, language: str) -> str:
    return with_breaks_kept(texts[language])


def _why(links: Sequence[Contribution], code: str) -> Texts:
    """By whichever of the indicator's codes the action type names it."""
    same = catalogue().same_as(code)
    return next(link.why for link in links if link.code in same)
