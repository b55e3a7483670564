"""Believing a deed and promising its reward: the ties between what was done and the money.

Actions know nothing of money; they are handed `valuer` and `unvaluer` from here. A deed over its
organisation's or device's ceiling stays recorded, its anomaly track pending, until an officer
decides; so does one of which the rules ask what isn't known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import log
from app.actions.models import Action, ActionLog
from app.actions.states import PASSED
from app.actions.timetable import Terms, due_at
from app.errors import NotFound, Problem
from app.identity.models import Person
from app.impact.catalogue import Catalogue
from app.outbox.models import Incident
from app.outbox.service import report_incident
from app.rewards.language.lines import nothing
from app.rewards.models import Programme
from app.rewards.valuing.claims import Claim, claim_of
from app.rewards.valuing.evaluations import standing
from app.rewards.valuing.found_facts import found_of
from app.rewards.valuing.terms import timetable_of
from app.rewards.valuing.valuation import (
    Back,
    Book,
    Funds,
    OverCeilingError,
    Promise,
    ToFindOutError,
)

# What a device or an organisation does above its ceiling raises one of these, once a day.
CEILING_INCIDENTS = {"organisation": "organisation-ceiling", "device": "device-ceiling"}
# Counted apart, touching no counter and no budget.
UNVOUCHED = Promise(0, None, [nothing("", "not_vouched").to_json()])


class Money:
    """`valuer` and `unvaluer` for the use cases of actions, for one catalogue.

    `funds`: of the one programme that is valued for, where the caller has read them already.
    """

    def __init__(self, catalogue: Catalogue, funds: Funds | None = None) -> None:
        self._catalogue, self._funds = catalogue, funds

    def value(self, session: Session, action: Action, now: datetime) -> ActionLog | None:
        """Authenticates the deed and says so, or leaves it over a ceiling."""
        return self._value(session, action, now)

    def complete(self, session: Session, action: Action, now: datetime) -> ActionLog | None:
        """The same with what officers found out: no reason to pass a ceiling unseen."""
        return self._value(session, action, now, looked=True)

    def uphold(self, session: Session, action: Action, now: datetime) -> ActionLog | None:
        """The same over any ceiling; where the rules still ask, it waits."""
        return self._value(session, action, now, looked=True, over_ceiling=True)

    def release(self, session: Session, action: Action, now: datetime) -> ActionLog | None:
        """For a deed that an officer lets through. Raises Problem still-to-find-out."""
        valued = self.uphold(session, action, now)
        if valued is None:
            raise Problem("still-to-find-out")
        return valued

    def give_back(self, session: Session, action: Action) -> None:
        """Frees what the deed had reserved. A deed that was never valued changes nothing."""
        self.give_all_back(session, [action])

    def give_all_back(self, session: Session, actions: Sequence[Action]) -> None:
        """Of several: each programme's counters are locked once, in one order."""
        valued = [one for one in actions if one.due_at is not None and _vouched(one)]
        for programme_id in sorted({one.programme_id for one in valued}):
            self._give_back(
                session, programme_id, [one for one in valued if one.programme_id == programme_id]
            )

    def lift(self, session: Session, action: Action) -> None:
        """Of a settled deed that is reversed: what an amount under zero took away. It brought no
        tokens; those of others are not clawed back, so nothing of them is free again."""
        back = self._backs(session, action.programme_id, [action])
        if back and back[0].found.amount_cents < 0:
            Book(session, action.programme_id, [], back=back).save()

    def _give_back(self, session: Session, programme_id: UUID, actions: list[Action]) -> None:
        back = self._backs(session, programme_id, actions)
        if back:
            Book(session, programme_id, [], back=back).save()
        for one in actions:
            one.reward_cents, one.rule_set_version, one.due_at = 0, None, None

    def _backs(self, session: Session, programme_id: UUID, actions: list[Action]) -> list[Back]:
        zone = ZoneInfo(programme_of(session, programme_id).time_zone)
        found = standing(session, [one.id for one in actions])
        return [
            Back(found[one.id], self.claim(session, one, zone))
            for one in actions
            if one.id in found
        ]

    def _value(
        self,
        session: Session,
        action: Action,
        now: datetime,
        *,
        looked: bool = False,
        over_ceiling: bool = False,
    ) -> ActionLog | None:
        terms = self._timetable(session, action.programme_id)
        if not _vouched(action):
            return _authenticate(action, UNVOUCHED, terms, now)
        claim = self.claim(session, action, terms.zone)
        if looked:  # a person did
            claim = replace(claim, found=found_of(session, action.id))
        book = Book(session, action.programme_id, [claim], self._funds)
        action.told = book.asked(claim)
        action.other_id = action.other_id if "other" in action.told else None
        try:
            promise = book.promise(claim, over_ceiling=over_ceiling)
        except OverCeilingError as error:
            alarm_once(session, error, claim, now)
            action.explanation = []  # nothing is asked any more
            return None
        except ToFindOutError as error:
            action.explanation = error.lines
            return None
        book.save()
        return _authenticate(action, promise, terms, now)

    def _timetable(self, session: Session, programme_id: UUID) -> Terms:
        if self._funds is not None:
            return self._funds.timetable
        return timetable_of(programme_of(session, programme_id))

    def claim(self, session: Session, action: Action, zone: ZoneInfo) -> Claim:
        person = session.get_one(Person, action.person_id)
        entry = self._catalogue.action_type(action.action_type_id, action.action_type_version)
        shared = action.other_id is not None
        other = session.get_one(Person, action.other_id) if shared else None
        return claim_of(action, entry.unit, person, zone, other)


def _vouched(action: Action) -> bool:
    """Whether somebody's signature stands behind it; without one nothing is ever promised."""
    return action.attestation_digest is not None


def _authenticate(action: Action, promise: Promise, terms: Terms, now: datetime) -> ActionLog:
    action.rule_set_version = promise.rule_set_version
    action.reward_cents = promise.cents
    action.explanation = promise.lines
    action.due_at = due_at(
        terms,
        proof_level=action.proof_level,
        channel=action.channel,
        deed_at=action.deed_at,
        recorded_at=action.recorded_at,
    )
    return log.move(action, now=now, tracks=PASSED)


def alarm_once(session: Session, error: OverCeilingError, claim: Claim, now: datetime) -> None:
    """One incident per organisation or device and day, however much waits."""
    kind, _, whose = error.whose
    code, reference = CEILING_INCIDENTS[kind], f"{whose}:{claim.recorded_day}"
    same = select(col(Incident.id)).where(
        col(Incident.code) == code, col(Incident.reference) == reference
    )
    if session.scalar(same) is None:
        report_incident(session, code=code, detail=str(error), now=now, reference=reference)


def programme_of(session: Session, programme_id: UUID) -> Programme:
    """Raises NotFound."""
    programme = session.get(Programme, programme_id)
    if programme is None:
        raise NotFound
    return programme
