"""One person acts for another: named, accepted, ended at once by either, shown at every use.

A guardianship is entered and ended by two officers (app.governance.guardianships); here it is only
never ended by one. Whether a mandate holds is asked at each use. Callers commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app import journal
from app.errors import NotFound, Problem
from app.identity.blocks import check_not_blocked
from app.identity.mandates import letters, problems
from app.identity.mandates.models import (
    LONGEST,
    MOST_DAY_CENTS,
    Act,
    Mandate,
    MandateKind,
    MandateStep,
    StepKind,
)
from app.identity.mandates.queries import (
    DONE,
    given_by,
    given_to,
    has_step,
    holds,
    may_still,
)
from app.identity.models import IdentityLevel
from app.identity.people import register_person

__all__ = ["problems"]

MOST = 5


@dataclass(frozen=True)
class Scope:
    """What the other may do; `day_cents` within 24 hours, with PAY and only with it."""

    acts: frozenset[Act]
    until: datetime
    day_cents: int | None = None

    def names(self) -> list[str]:
        return [act.value for act in Act if act in self.acts]


class MandateSigner(Protocol):
    """What naming needs of the signer process; each call raises Problem when refused."""

    def allow_mandate(self, mandate: dict[str, Any]) -> None: ...
    def allow_mandate_by_card(
        self, number: str, pin: str, person_id: UUID, mandate: dict[str, Any]
    ) -> None: ...


def offer(
    session: Session,
    person_id: UUID,
    email: str,
    scope: Scope,
    *,
    by: UUID | None = None,
    now: datetime,
) -> Mandate:
    """Names whoever has this address; they are entered if nobody has it yet, so that nobody learns
    who is known. `by`: an officer, on the person's word. Nothing holds until it is accepted."""
    check_scope(scope, MandateKind.GIVEN, now)
    check_not_blocked(session, person_id, now)
    if len([one for one in given_by(session, person_id) if may_still(session, one, now)]) >= MOST:
        raise Problem("mandate-too-many")
    named = _named(session, email, now)
    if named in (person_id, by):
        raise Problem("mandate-oneself", field="email")
    made = Mandate(
        person_id=person_id,
        representative_id=named,
        kind=MandateKind.GIVEN,
        acts=scope.names(),
        day_cents=scope.day_cents,
        until=scope.until,
        offered_at=now,
        offered_by=by,
    )
    session.add(made)
    session.flush()
    letters.tell_offered(session, made, now)
    return made


def _named(session: Session, email: str, now: datetime) -> UUID:
    level = IdentityLevel.CONTACT
    return register_person(session, email, level=level, now=now, named=True).id


def name(
    session: Session,
    person_id: UUID,
    email: str,
    scope: Scope,
    *,
    signer: MandateSigner,
    now: datetime,
) -> Mandate:
    """By the person themselves; what lets pay is said to the signer too, in their own session."""
    made = offer(session, person_id, email, scope, now=now)
    if made.day_cents is not None:
        signer.allow_mandate(word_of(made))
    return made


def word_of(mandate: Mandate) -> dict[str, Any]:
    """What the signer is told, and keeps for itself."""
    return {
        "mandate_id": str(mandate.id),
        "representative_id": str(mandate.representative_id),
        "day_cents": mandate.day_cents,
        "until": mandate.until.astimezone(UTC).isoformat(),
    }


def check_scope(scope: Scope, kind: MandateKind, now: datetime) -> None:
    """Raises Problem mandate-acts, mandate-end-wrong."""
    pays = Act.PAY in scope.acts
    if not scope.acts or pays != (scope.day_cents is not None):
        raise Problem("mandate-acts", field="acts", most_cents=MOST_DAY_CENTS)
    if scope.day_cents is not None and not 0 < scope.day_cents <= MOST_DAY_CENTS:
        raise Problem("mandate-acts", field="day_cents", most_cents=MOST_DAY_CENTS)
    if not now < scope.until <= now + LONGEST[kind]:
        raise Problem("mandate-end-wrong", field="until", days=LONGEST[kind].days)


def accept(session: Session, mandate_id: UUID, *, by: UUID, now: datetime) -> Mandate:
    """By who was named; twice changes nothing."""
    found = _offered(session, mandate_id, by)
    if not has_step(session, found.id, StepKind.ACCEPTED):
        check_not_blocked(session, found.person_id, now)
        if not may_still(session, found, now):
            raise Problem("mandate-decided")
        add_step(session, found.id, StepKind.ACCEPTED, by=by, now=now)
        letters.tell_accepted(session, found, now)
    return found


def refuse(session: Session, mandate_id: UUID, *, by: UUID, now: datetime) -> Mandate:
    """By who was named, instead of accepting. Afterwards they end it."""
    found = _offered(session, mandate_id, by)
    if has_step(session, found.id, StepKind.ACCEPTED) or not may_still(session, found, now):
        raise Problem("mandate-decided")
    add_step(session, found.id, StepKind.REFUSED, by=by, now=now)
    letters.tell_ended(session, found, now)
    return found


def end(session: Session, mandate_id: UUID, *, party: UUID, by: UUID, now: datetime) -> Mandate:
    """At once, by either side; `by` may be an officer on the giver's word. Twice is once.

    Raises NotFound for who has no part in it, Problem guardianship-by-two.
    """
    found = of_party(session, mandate_id, party)
    if found.kind is MandateKind.GUARDIANSHIP:
        raise Problem("guardianship-by-two")
    _end(session, found, by=by, now=now)
    return found


def end_all(session: Session, person_id: UUID, now: datetime) -> None:
    """With the account of either side."""
    for one in (*given_by(session, person_id), *given_to(session, person_id)):
        if not has_step(session, one.id, *DONE):
            add_step(session, one.id, StepKind.ENDED, by=None, now=now)


def end_given(session: Session, person_id: UUID, now: datetime) -> None:
    """Those that the person gave, when the account comes back to them: somebody else may have."""
    for one in given_by(session, person_id):
        if one.kind is MandateKind.GIVEN:
            _end(session, one, by=None, now=now)


def of_party(session: Session, mandate_id: UUID, party: UUID) -> Mandate:
    """Raises NotFound for anybody else; a guardianship not confirmed is nobody's yet."""
    found = session.get(Mandate, mandate_id)
    if found is None or party not in (found.person_id, found.representative_id):
        raise NotFound
    if found.kind is MandateKind.GUARDIANSHIP and not has_step(
        session, found.id, StepKind.ACCEPTED
    ):
        raise NotFound
    return found


def switch(session: Session, mandate_id: UUID, *, by: UUID, now: datetime) -> Mandate:
    """What a session may act under from now on. Raises NotFound, Problem mandate-ended."""
    found = of_party(session, mandate_id, by)
    if found.representative_id != by:
        raise NotFound
    if not holds(session, found, now):
        raise Problem("mandate-ended")
    return found


def add_step(
    session: Session,
    mandate_id: UUID,
    kind: StepKind,
    *,
    by: UUID | None,
    now: datetime,
    act: Act | None = None,
    about: UUID | None = None,
) -> None:
    row = MandateStep(mandate_id=mandate_id, kind=kind, act=act, at=now, by_person=by, about=about)
    session.add(row)
    session.flush()
    if kind is StepKind.ENDED:
        journal.note(session, journal.MANDATE_ENDED, now, mandate=mandate_id)


def _end(session: Session, found: Mandate, *, by: UUID | None, now: datetime) -> None:
    if not has_step(session, found.id, *DONE):
        add_step(session, found.id, StepKind.ENDED, by=by, now=now)
        letters.tell_ended(session, found, now)


def _offered(session: Session, mandate_id: UUID, named: UUID) -> Mandate:
    found = session.get(Mandate, mandate_id)
    mine = found is not None and found.representative_id == named
    if found is None or not mine or found.kind is not MandateKind.GIVEN:
        raise NotFound
    return found
