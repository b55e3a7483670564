"""Proposals of rules and of programmes: what they say, what they would change, what is odd."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.governance.models import Proposal
from app.rewards.language.cautions import Caution
from app.rewards.language.changed import Changed
from app.rewards.models import Programme
from app.rewards.programmes import first_moment
from app.rewards.rule_sets.rule_changes import OUTSIDE, new_programme_of, warnings_of
from app.rewards.valuing.terms import newest_rules
from app.web import formats
from app.web.telling import outside_view
from app.web.telling.programme_view import in_sentences
from app.web.telling.rule_words import caution, changed
from app.web.words import gettext as _
from app.web.words import locale

Said = tuple[str, list[str]]


def rules(session: Session, row: Proposal, _at: datetime) -> Said:
    """A version of a programme's rules; what it changes is told apart."""
    programme, before = _before(session, row)
    begin = datetime.fromisoformat(row.payload["valid_from"])
    odd = [] if row.decided_at else warnings_of(
        session, row.payload["rules"], begin, programme.last_day_to_earn,
        before=before, time_zone=programme.time_zone,
        budgeted=programme.budget_cents is not None,
    )  # fmt: skip
    return _("Other rules for %(name)s", name=programme.name[locale()]), [
        _("They hold from %(when)s.", when=formats.moment(begin)),
        *map(_warning, odd),
        *outside_view.relied_lines(row.payload.get(OUTSIDE, [])),
        _("Their hash on the chain: %(hash)s", hash=row.payload["hash"]),
    ]


def changes(session: Session, row: Proposal) -> list[Changed]:
    """Entry by entry, as it is and as it would be."""
    programme, before = _before(session, row)
    if before is None:
        return []
    return changed(session, before, row.payload["rules"], programme.time_zone)


def _before(session: Session, row: Proposal) -> tuple[Programme, dict[str, Any] | None]:
    programme = session.get_one(Programme, UUID(row.subject))
    current = newest_rules(session, programme.id)
    return programme, current.rules if current else None


def programme(session: Session, row: Proposal, _at: datetime) -> Said:
    """A new one; what its rules say is told apart."""
    new = new_programme_of(row.payload)
    first = first_moment(new.first_day, new.time_zone)
    budgeted = new.budget_cents is not None
    odd = warnings_of(session, new.rules, first, new.last_day_to_earn, budgeted=budgeted)
    lines = [
        _(
            "From %(first)s; earn until %(earn)s, spend until %(spend)s.",
            first=formats.day(new.first_day),
            earn=formats.day(new.last_day_to_earn),
            spend=formats.day(new.last_day_to_spend),
        )
    ]
    if new.budget_cents is not None:
        lines.append(_("Budget: %(euros)s.", euros=formats.euros(new.budget_cents)))
    return _("New programme: %(name)s", name=new.name[locale()]), [
        *lines,
        *map(_warning, odd),
        *outside_view.relied_lines(row.payload.get(OUTSIDE, [])),
    ]


def sentences(row: Proposal) -> list[str]:
    """What a new programme's rules say."""
    return in_sentences(dict(new_programme_of(row.payload).rules))


def _warning(one: Caution) -> str:
    """What whoever proposed them was told too."""
    return _("Warning: %(what)s", what=caution(one))
