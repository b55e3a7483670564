"""Those who vouch or bring data: today's sums, their ceilings, and how far their key counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.key_revocation import KIND, counts_until
from app.actions.models import Action, ActionState
from app.actions.organisation_keys import offered_key
from app.governance.models import ProposalState
from app.governance.service import latest
from app.identity.models import Organisation, OrganisationKind
from app.identity.organisations import has_good_key
from app.web import formats
from app.web.office.view import COUNTED
from app.web.telling import people_view
from app.web.telling.change_view import told
from app.web.words import gettext as _

VOUCHING = (OrganisationKind.ATTESTER, OrganisationKind.PARTNER)


def vouching(session: Session, at: datetime, person_id: UUID) -> list[dict[str, Any]]:
    """Attesters and partners with what they vouched for today that counts, and their ceilings."""
    midnight = at.astimezone(formats.here()).replace(hour=0, minute=0, second=0, microsecond=0)
    waits = func.count().filter(col(Action.state) == ActionState.RECORDED)
    counts = col(Action.state).in_(COUNTED)
    reward = func.coalesce(func.sum(col(Action.reward_cents)).filter(counts), 0)
    today = {
        row[0]: (int(row[1]), int(row[2]), int(row[3]))
        for row in session.execute(
            select(col(Action.organisation_id), func.count().filter(counts), reward, waits)
            .where(col(Action.recorded_at) >= midnight)
            .group_by(col(Action.organisation_id))
        )
    }
    query = select(Organisation).where(col(Organisation.kind).in_(VOUCHING))
    return [
        _vouching(row, *today.get(row.id, (0, 0, 0)))
        | _key(session, row, at)
        | {"changes": told(session, row.id, person_id)}
        for row in session.scalars(query.order_by(col(Organisation.name)))
    ]


def _vouching(row: Organisation, actions: int, cents: int, waiting: int) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "district": row.district,
        "kind_words": _("partner") if row.kind is OrganisationKind.PARTNER else _("attester"),
        "actions_today": actions,
        "reward_today": cents,
        "waiting": waiting,
        "actions_per_day": row.actions_per_day,
        "reward_cents_per_day": row.reward_cents_per_day,
    }


def _key(session: Session, row: Organisation, at: datetime) -> dict[str, Any]:
    custody = row.key_custody.value if row.key_custody else None
    words = {
        "browser": _("kept by its administrator"),
        "server": _("held by this server, counted apart"),
        None: _("none yet"),
    }
    # One that has ended too: for cause it takes with it what is not settled yet.
    registered = row.key_valid_from is not None and row.key_revoked_at is None
    until = row.key_valid_until if registered else None
    proposal = latest(session, KIND, row.id)
    waits = proposal is not None and proposal.state is ProposalState.OPEN
    return {
        "key_words": words[custody],
        "key_until": people_view.last_day(until) if until else "",
        "key_ended": registered and not has_good_key(row, at),
        "key_offered": offered_key(row),
        "key_note": _revoked(session, row) if row.key_revoked_at else "",
        "may_revoke": registered and not waits,
        "revocation_waits": waits,
    }


def _revoked(session: Session, row: Organisation) -> str:
    """Until when old statements count."""
    proposal, at = latest(session, KIND, row.id), row.key_revoked_at
    if proposal is None or at is None:
        return _("revoked")
    for_cause = bool(proposal.payload["for_cause"])
    until = formats.moment(counts_until(at, for_cause=for_cause))
    if for_cause:
        return _("Revoked for cause. Statements received until %(until)s count.", until=until)
    return _(
        "Revoked on %(at)s. Statements received until then count; a device that was without "
        "network has until %(until)s.",
        at=formats.moment(at),
        until=until,
    )
