"""A person's mandates as they are shown: who may act for them, and for whom they may act.

The other side is known by their e-mail address, whose reading is noted for them.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.mandates.letters import PURPOSE
from app.identity.mandates.models import Mandate, MandateKind, MandateStep, StepKind
from app.identity.mandates.queries import given_by, given_to, steps_of
from app.identity.people import email_of
from app.privacy.service import Actor

REPRESENTATIVE, REPRESENTED = "representative", "represented"
SHOWN_USES = 20


class MandateState(enum.Enum):
    OFFERED = "offered"
    ACTIVE = "active"
    REFUSED = "refused"
    ENDED = "ended"
    OVER = "over"  # its last day has passed


@dataclass(frozen=True)
class View:
    """`email`: of the other side, None where they have none; `uses`: newest first."""

    id: UUID
    kind: MandateKind
    acts: list[str]
    day_cents: int | None
    until: datetime
    state: MandateState
    email: str | None
    uses: list[MandateStep]


@dataclass(frozen=True)
class Views:
    named: list[View]
    acting: list[View]


def views_of(
    session: Session, person_id: UUID, now: datetime, *, officer: UUID | None = None
) -> Views:
    """`officer`: who reads it to the person at the counter."""
    by, to = given_by(session, person_id), given_to(session, person_id)
    steps = steps_of(session, {one.id for one in (*by, *to)})
    named = Actor(officer or person_id, "officer" if officer else REPRESENTED)
    acting = Actor(officer or person_id, "officer" if officer else REPRESENTATIVE)
    return Views(
        [_view(session, one, steps, now, other=one.representative_id, actor=named) for one in by],
        [_view(session, one, steps, now, other=one.person_id, actor=acting) for one in to],
    )


def _view(
    session: Session,
    one: Mandate,
    steps: Sequence[MandateStep],
    now: datetime,
    *,
    other: UUID,
    actor: Actor,
) -> View:
    own = [step for step in steps if step.mandate_id == one.id]
    state = state_of({step.kind for step in own}, one.until, now)
    shown = state in (MandateState.OFFERED, MandateState.ACTIVE)
    email = email_of(session, other, purpose=PURPOSE, actor=actor) if shown else None
    uses = [step for step in own if step.kind is StepKind.USED][:SHOWN_USES]
    return View(one.id, one.kind, one.acts, one.day_cents, one.until, state, email, uses)


def state_of(kinds: set[StepKind], until: datetime, now: datetime) -> MandateState:
    if StepKind.REFUSED in kinds:
        return MandateState.REFUSED
    if StepKind.ENDED in kinds:
        return MandateState.ENDED
    if until <= now:
        return MandateState.OVER
    return MandateState.ACTIVE if StepKind.ACCEPTED in kinds else MandateState.OFFERED
