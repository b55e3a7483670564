"""Rule sets in the reader's words: names where ids stand, for every page that tells rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.identity.models import Organisation
from app.impact.catalogue import catalogue
from app.rewards.language.cautions import Caution
from app.rewards.language.changed import Changed, changes
from app.rewards.language.describing import Section, by_entry, describe
from app.rewards.language.naming import Names, named
from app.rewards.rule_sets.published import general
from app.rewards.trying.names import names_of
from app.web.rule_sets import rule_form
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l
from app.web.words import locale

Rules = Mapping[str, Any]
PARTS = {
    "conditions": _l("Conditions"),
    "tariffs": _l("Amounts"),
    "adjustments": _l("Adjustments"),
    "limits": _l("Limits"),
    "outside": _l("Kept outside"),
}
_PATH = re.compile(r"\$\.([a-z]+)(?:[a-z.]*\[([0-9]+)\])?")


def names(session: Session) -> Names:
    """Kinds of deed, levels, partners and attesters."""
    rows = session.execute(select(col(Organisation.id), col(Organisation.name)))
    return names_of(catalogue(), locale(), {str(key): name for key, name in rows})


def caution(one: Caution) -> str:
    """What is odd, with the part of the form where JSON has a path."""
    found = _PATH.match(one.path)
    if found is None or found[1] not in PARTS:
        return one.sentence(locale())
    part, said = str(PARTS[found[1]]), one.sentence(locale()).removeprefix(one.path).strip()
    if found[2]:
        part = _("%(part)s, no. %(number)s", part=part, number=int(found[2]) + 1)
    return _("%(where)s: %(what)s", where=part, what=said)


def sections(session: Session, rules: Rules, time_zone: str) -> list[Section]:
    """The public text of a rule set of either version. Raises InvalidRulesError."""
    data = general(rules, time_zone).data
    return describe(named(data, names(session).with_zones(data, locale())), locale())


def sentences_by_id(session: Session, data: Rules) -> dict[str, str]:
    """What each entry of a general rule set says."""
    known = names(session).with_zones(data, locale())
    found: dict[str, str] = {}
    for _part, rule, sentence in by_entry(named(data, known), locale()):
        found.setdefault(rule, sentence)
    return found


def unshown(session: Session, data: Rules) -> list[str]:
    """What the form can't show of a rule set, entry by entry."""
    said = sentences_by_id(session, data)
    found = [said.get(name, name) for name in rule_form.kept(data)]
    found += [_("Zone %(name)s.", name=name) for name in data.get("zones", {})]
    for name in (name for kind in data.get("outside", {}).values() for name in kind):
        found.append(_("Kept outside the rules: %(name)s.", name=name))
    if data.get("negative", "zero") != "zero":
        found.append(_("An amount may be less than nothing."))
    return found


def changed(session: Session, before: Rules, after: Rules, time_zone: str) -> list[Changed]:
    """What the second would change, in words. Raises InvalidRulesError."""
    old, new = (general(rules, time_zone).data for rules in (before, after))
    return changes(old, new, locale(), names(session))
