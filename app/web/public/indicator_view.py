"""What a page says of some figures together: the sentence, the estimate, the indicator."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from app.impact.accounting import total
from app.impact.catalogue import catalogue
from app.impact.entries import VOUCHED, Indicator
from app.web import formats
from app.web.public.estimate_words import co2e_sentence, net_words, range_words, sources
from app.web.public.figure_lines import Line
from app.web.words import Speech


def headline(lines: Sequence[Line], spoken: Speech) -> str:
    actions = sum([line.sum.actions for line in lines])
    vouched = sum([line.sum.actions for line in lines if line.sum.proof_level in VOUCHED])
    cents = sum([line.sum.reward_cents for line in lines])
    return sentence(vouched, cents, actions - vouched, spoken)


def sentence(vouched: int, cents: int, own_word: int, spoken: Speech) -> str:
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


def co2e_words(lines: Sequence[Line]) -> dict[str, str]:
    """The estimate of what is vouched for, each deed once; empty texts where there is none."""
    vouched = [line for line in lines if line.sum.proof_level in VOUCHED]
    estimates = [line.estimate for line in vouched if line.estimate]
    if not estimates:
        return {"co2e": "", "range_words": "", "sources": "", "net": ""}
    return {
        "co2e": co2e_sentence(total(estimates)),
        "range_words": range_words(estimates, part=len(estimates) < len(vouched)),
        "sources": sources(vouched),
        "net": net_words(vouched),
    }


def indicator(code: str, lines: Sequence[Line], spoken: Speech) -> dict[str, Any]:
    """An indicator with what contributes to it, under all its codes."""
    title, language = title_of(catalogue().indicators[code], spoken.locale)
    return {
        "code": code,
        "codes": ", ".join(catalogue().same_as(code)),
        "title": title,
        "title_language": language,
        "sentence": headline(lines, spoken),
        **co2e_words(lines),
    }


def title_of(entry: Indicator, language: str) -> tuple[str, str]:
    """French titles from before the 2025 review are stale: the English one is shown instead."""
    spoken = "en" if entry.fr_stale or language not in entry.title else language
    return entry.title[spoken], spoken


@cache
def indicator_codes() -> tuple[tuple[str, ...], ...]:
    """Each indicator once: its codes, in the order of the first."""
    known = catalogue()
    first = {known.same_as(code)[0] for code in known.indicators}
    return tuple(known.same_as(code) for code in known.in_order(first))
