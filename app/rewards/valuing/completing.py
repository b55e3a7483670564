"""A deed of which the rules ask what it doesn't say: one officer names what was found out and how,
another confirms; then it is valued by the rules of its day. Callers commit.

Two, since no registered key stands behind such a fact (docs/adr/0010).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import log, review
from app.actions.models import Action, ActionState
from app.actions.telling import check_asked
from app.actions.told import OF_SHARED, SHARED
from app.errors import Problem
from app.governance.models import Proposal
from app.governance.service import carries, propose
from app.impact.catalogue import catalogue
from app.rewards import letters
from app.rewards.language.action import Action as Said
from app.rewards.language.compiling import Program
from app.rewards.language.explaining import explain
from app.rewards.language.firsts import either
from app.rewards.language.lines import Line
from app.rewards.language.words import sentences
from app.rewards.valuing.authenticate import Money, programme_of
from app.rewards.valuing.deeds import check_still_credits
from app.rewards.valuing.found_facts import FACTS, KIND, found_of, known_already
from app.rewards.valuing.terms import in_force, versions

PROPOSED, COMPLETED = "facts-proposed", "facts-confirmed"


@dataclass(frozen=True)
class Asked:
    """What the rules still ask, in a reader's language."""

    lines: tuple[Line, ...]

    def said(self, language: str) -> str:
        return " ".join(sentences(list(self.lines), language))


def propose_facts(
    session: Session,
    action_id: UUID,
    facts: Mapping[str, Any],
    *,
    source: str,
    by: UUID,
    now: datetime,
) -> Proposal:
    """The first officer's part: the deed waits on. Raises Problem facts-missing, fact-known,
    told-not-shared, told-not-asked, still-asked, release-too-late."""
    if not facts:
        raise Problem("facts-missing", field="facts")
    check_still_credits(session, col(Action.id) == action_id, "release-too-late")
    action = log.lock_action(session, action_id)
    review.check_not_own(action, by)
    log.check_state(action, ActionState.RECORDED)
    _check_answers(session, action, facts)
    payload = {"facts": dict(facts), "source": source}
    proposal = propose(session, KIND, action.id, payload, by=by, now=now)
    log.write(session, action, before=action.state.value, now=now, reason=PROPOSED, by=by)
    session.flush()
    return proposal


@carries(KIND)
def _complete(session: Session, proposal: Proposal, by: UUID, now: datetime) -> None:
    action_id = UUID(proposal.subject)
    check_still_credits(session, col(Action.id) == action_id, "release-too-late")
    action = review.release(
        session,
        action_id=action_id,
        by=by,
        now=now,
        valuer=Money(catalogue()).complete,
        reason=COMPLETED,
    )
    if action.state is not ActionState.RECORDED:  # over a ceiling, or a limit asks: it waits on
        letters.tell_completed(session, action, now)


def may_be_found(session: Session, action: Action) -> list[str]:
    """Facts that the rules of its day look at, of its kind of deed."""
    ruled = in_force(versions(session, action.programme_id), action.deed_at)
    fields = ruled.rules.program.fields if ruled else ()
    return [
        name
        for name in FACTS
        if name in fields and (action.action_type_id in SHARED or name not in OF_SHARED)
    ]


def _check_answers(session: Session, action: Action, facts: Mapping[str, Any]) -> None:
    """They are what the rules ask for, and all of it; what limits ask is seen when it is valued.
    What was found before may be found otherwise."""
    zone = ZoneInfo(programme_of(session, action.programme_id).time_zone)
    claim = Money(catalogue()).claim(session, action, zone)
    ruled = in_force(versions(session, action.programme_id), action.deed_at)
    program = ruled.rules.program if ruled else None
    if (known := known_already(claim.action(program), facts)) is not None:
        raise Problem("fact-known", field=f"facts.{known}")
    check_asked(facts, action.action_type_id, program, at="facts")
    if program is not None:
        found = {**found_of(session, action.id), **facts}
        said = replace(claim, found=found).action(program)
        if lines := _still_asked(program, said):
            raise Problem("still-asked", field="facts", asked=Asked(lines))


def _still_asked(program: Program, said: Said) -> tuple[Line, ...]:
    """Before limits, and so before any counter: whether it is a first time or not."""
    lines = list[Line]()
    for said.first_time in either(program):
        if program.worth(said)[0] is None:
            lines += [line for line in explain(program, said, {}).lines if line not in lines]
    return tuple(lines)
