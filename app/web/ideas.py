"""What a citizen can do today: every kind of deed, by group, each with what it brings."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from app.impact.catalogue import catalogue
from app.web.programme_view import rate_sentence
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
    rates = {rate["action_type"]: rate for rate in rules["rates"]}
    groups: dict[str, list[str]] = {}
    for kind in catalogue().action_types():
        rate = rates.get(kind.id)
        line = rate_sentence(rate) if rate else _("%(name)s: no token.", name=kind.name[locale()])
        groups.setdefault(kind.category, []).append(line)
    return [SimpleNamespace(name=str(GROUPS[one]), lines=lines) for one, lines in groups.items()]
