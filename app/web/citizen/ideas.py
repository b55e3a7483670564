"""What a citizen can do today: every kind of deed, by group, each with what it brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from app.impact.catalogue import ActionType, catalogue
from app.rewards.language.describing import brings
from app.rewards.language.taken import takes, tariffs_for
from app.rewards.rule_sets.published import is_general
from app.web.telling.programme_view import rate_sentence
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l
from app.web.words import locale

GROUPS = {
    "moving": _l("Getting about"),
    "sorting": _l("Sorting and clearing up"),
    "mending": _l("Mending and using again"),
    "learning": _l("Learning and taking part"),
    "saving": _l("Saving and planting"),
    "helping": _l("Helping one another"),
}


def ideas(rules: Mapping[str, Any]) -> list[SimpleNamespace]:
    """The groups in the catalogue's order; no kind is left out because it brings no token."""
    if is_general(rules):
        return _by_group(lambda kind: _brings(rules, kind))
    rates = {rate["action_type"]: rate for rate in rules["rates"]}
    return _by_group(
        lambda kind: rate_sentence(rates[kind.id]) if kind.id in rates else _no_token(kind)
    )


def _brings(rules: Mapping[str, Any], kind: ActionType) -> str:
    if not takes(rules, kind.id):
        return _no_token(kind)
    said = " ".join(brings(rules, tariffs_for(rules, kind.id), locale()))
    return f"{kind.name[locale()]}: {said}"


def _no_token(kind: ActionType) -> str:
    return _("%(name)s: no token.", name=kind.name[locale()])


def _by_group(line_of: Callable[[ActionType], str]) -> list[SimpleNamespace]:
    groups: dict[str, list[str]] = {}
    for kind in catalogue().action_types():
        groups.setdefault(kind.category, []).append(line_of(kind))
    return [SimpleNamespace(name=str(GROUPS[one]), lines=lines) for one, lines in groups.items()]
