"""What the form of a rule set shows: a row for each kind of deed and each limit, with its words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from app.impact.catalogue import ActionType, catalogue
from app.rewards.language.exact import MODES
from app.rewards.rule_sets.rule_format import IDENTITY_LEVELS, PAYABLE_PROOF_LEVELS
from app.web import formats
from app.web.citizen.ideas import GROUPS
from app.web.rule_sets import rule_calendars, rule_caps
from app.web.rule_sets.rule_slots import DAYS, DETAILS, FIELDS, PER, YES, Form, said
from app.web.shell import PROOF_WORDS
from app.web.words import gettext as _
from app.web.words import locale

ROW, MORE = "row", "more"
FEW = 6


def rows(form: Form) -> list[SimpleNamespace]:
    """Of the kinds of deed that the form says something about, or that were asked for."""
    return [_row(kind, form) for kind in catalogue().action_types() if _is_said(form, kind)]


def groups(form: Form, opened: frozenset[str]) -> list[SimpleNamespace]:
    """The rows by group in the catalogue's order; few rows are not folded."""
    found: dict[str, list[SimpleNamespace]] = {}
    for row in (shown := rows(form)):
        found.setdefault(row.category, []).append(row)
    return [
        SimpleNamespace(
            id=name,
            name=str(GROUPS[name]),
            rows=listed,
            open=len(shown) <= FEW or name in opened or any(one.id in opened for one in listed),
        )
        for name, listed in found.items()
    ]


def others(form: Form) -> list[tuple[str, str]]:
    """The kinds that have no row yet."""
    kinds = catalogue().action_types()
    return [(kind.id, kind.name[locale()]) for kind in kinds if not _is_said(form, kind)]


def _is_said(form: Form, kind: ActionType) -> bool:
    return any(said(form, name, kind) for name in (ROW, *FIELDS) if name != "way")


def _row(kind: ActionType, form: Form) -> SimpleNamespace:
    """`more`: whether its conditions are shown."""
    return SimpleNamespace(
        id=kind.id,
        name=kind.name[locale()],
        category=kind.category,
        unit=formats.unit(kind.entry_unit),
        way=said(form, "way", kind) or PER,
        said={name: said(form, name, kind) for name in FIELDS},
        has=any(said(form, name, kind) for name in DETAILS),
        more=said(form, MORE, kind) == YES,
    )


def caps(form: Form, more: int = 1) -> list[tuple[int, dict[str, str]]]:
    """The limits in the order of their numbers, then empty rows for new ones."""
    sent = [(n, rule_caps.row(form, n)) for n in rule_caps.numbers(form)]
    found = [(n, row) for n, row in sent if row["most"]]
    first = max((n for n, _row in found), default=-1) + 1
    empty = {"zone": form.get("time_zone", ""), "id": "", "order": "", "most": ""}
    return found + [(first + n, empty) for n in range(more) if first + n < rule_caps.MOST_ROWS]


def words(form: Form, calendars: list[str]) -> dict[str, list[tuple[str, str]]]:
    """The choices of every list of the form. `calendars`: those that are kept."""
    levels = level_words()
    return {
        "levels": list(levels.items()),
        "calendars": rule_calendars.choices(calendars, form),
        "proofs": proof_words(),
        "days": list(zip(map(str, DAYS), _days(), strict=True)),
        "identities": [
            ("", _("everybody")),
            *((one, _("%(level)s or better", level=levels[one])) for one in IDENTITY_LEVELS[1:]),
        ],
        "cap_levels": [("", _("everybody")), *levels.items()],
        "whose": list(zip(rule_caps.WHOSE, _whose(), strict=True)),
        "periods": list(zip(rule_caps.PERIODS, _periods(), strict=True)),
        "counts": [("cents", _("tokens")), ("actions", _("deeds"))],
        "at": list(zip(rule_caps.AT_LIMIT, _at_limit(), strict=True)),
        "roundings": list(zip(MODES, _roundings(), strict=True)),
        "limits_orders": [
            ("together", _("all decide first, then what was granted is counted")),
            ("in_turn", _("one after another: each counts what it let pass")),
        ],
    }


def _days() -> list[str]:
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def _whose() -> list[str]:
    return [
        _("each citizen"),
        _("each partner"),
        _("each attester"),
        _("each trip"),
        _("the whole programme"),
    ]


def _periods() -> list[str]:
    return [_("a day"), _("a week"), _("a month"), _("a year"), _("in all")]


def _at_limit() -> list[str]:
    return [
        _("the last one gets what is left"),
        _("what doesn't fit whole gets nothing"),
        _("the last one may go past it"),
    ]


def _roundings() -> list[str]:
    return [_("halves up"), _("halves to the even cent"), _("down"), _("up")]


def level_words() -> dict[str, str]:
    return {
        "verified": _("identity verified"),
        "contact": _("known by a contact"),
        "card": _("card only"),
    }


def proof_words() -> list[tuple[str, str]]:
    return [(level, str(PROOF_WORDS[level])) for level in PAYABLE_PROOF_LEVELS]


def shown(
    form: Form, more_caps: int, calendars: list[str], opened: frozenset[str]
) -> dict[str, Any]:
    """All that the template needs of the fields. `opened`: parts and kinds that stand open."""
    return {
        "groups": groups(form, opened),
        "others": others(form),
        "caps": caps(form, more_caps),
        "limits": len(caps(form, 0)),
        "words": words(form, calendars),
        "open": opened,
        "kinds": [(kind.id, kind.name[locale()]) for kind in catalogue().action_types()],
    }
