"""What a deed is promised: rules of its day, then their limits, then what the budget still holds.

A `Book` is one programme's money for one transaction: rule sets, fundings that are final on the
chain, locked counters. It values one deed or thousands; nothing is read in between. The last
deed that the budget reaches gets what is left, and its explanation says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.device_models import Device
from app.actions.timetable import Terms
from app.identity.models import Organisation
from app.rewards.language.lines import Decision
from app.rewards.models import Evaluation, Funding
from app.rewards.valuing.caps import Counters, Key
from app.rewards.valuing.case import Case
from app.rewards.valuing.claims import Claim
from app.rewards.valuing.evaluations import (
    OWED,
    Wanted,
    give_back,
    kept,
    look,
    lowered_by,
    returned,
    rises_of,
)
from app.rewards.valuing.owed import Valued, value
from app.rewards.valuing.slices import money_keys, own_slice, promised, refill
from app.rewards.valuing.terms import Version, versions


@dataclass(frozen=True, slots=True)
class Promise:
    """What a claim gets, by which version of the rules, line by line."""

    cents: int
    rule_set_version: int | None
    lines: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Funds:
    """A programme's timetable, its rules, newest first, its final fundings, which only grow, and
    what was promised of them.

    Read before the counters are locked; fundings read early promise too little at most, and of
    promises follows only how much is locked.
    """

    timetable: Terms
    versions: Sequence[Version]
    funded: int
    promised: int


@dataclass(frozen=True, slots=True)
class Back:
    """An evaluation that is taken back, with the deed's day of recording."""

    found: Evaluation
    claim: Claim


class WaitsError(Exception):
    """The deed waits for a person, and nothing was counted."""


class OverCeilingError(WaitsError):
    """A ceiling of the day does not hold this deed. `whose` has its kind, organisation or device,
    and its id."""

    def __init__(self, key: Key, what: str) -> None:
        self.whose, self.what = key[0].partition(":"), what
        super().__init__(f"{self.whose[0]} {self.whose[2]} over its daily {what}")


class ToFindOutError(WaitsError):
    """The rules ask for something that isn't known of the deed; `lines` say what."""

    def __init__(self, decision: Decision) -> None:
        self.lines = [line.to_json() for line in decision.lines]
        super().__init__("the rules ask for something that isn't known")


class Book:
    """The money of one programme, held locked by this transaction.

    `back`: evaluations that will be taken back before anything is promised.
    """

    def __init__(
        self,
        session: Session,
        programme_id: UUID,
        claims: Iterable[Claim],
        known: Funds | None = None,
        back: Sequence[Back] = (),
    ) -> None:
        self._session, self._programme_id = session, programme_id
        claims = list(claims)
        self._ceilings = _ceilings(session, claims)
        stored = known.versions if known else versions(session, programme_id)
        self._funded = known.funded if known else funded(session, programme_id)
        used = known.promised if known else promised(session, programme_id)
        self._cases = {claim.action_id: Case(claim, stored) for claim in claims}
        self._slice, self._rows = own_slice(), list[dict[str, Any]]()
        worths = [case.worth for case in self._cases.values()]
        money = money_keys(self._slice, worths, self._funded - used)
        # Locked last, and so held shortest.
        self.counters = Counters(session, programme_id, [*self._keys(claims, back), *money])
        for one in back:
            self._give_back(one)

    def promise(self, claim: Claim, *, over_ceiling: bool = False) -> Promise:
        """Counts the claim and says what it gets. Raises WaitsError, counting nothing."""
        case = self._cases[claim.action_id]
        held = {one.rule_key: one.held(self.counters.count(one.key)) for one in case.wanted}
        look(case.ruling, case.action, held)
        after, left = dict(held), self._left(case)
        found = value(case.ruling, case.action, case.wanted, after, left)
        if found.decision.before is None:
            raise ToFindOutError(found.decision)
        if not over_ceiling:
            self._check_ceiling(claim, found.decision.cents)
        raised = [
            (one, held[one.rule_key], after[one.rule_key] - held[one.rule_key])
            for one in case.wanted
        ]
        self._count(claim, found.decision.cents, raised)
        return self._kept(case, found, left, raised)

    def _count(self, claim: Claim, cents: int, raised: list[tuple[Wanted, int, int]]) -> None:
        for one, _, by in raised:
            self.counters.add(*one.raised(by))
        for _, key in claim.limited_by():
            self.counters.add(key, cents, 1)
        self.counters.add(self._slice, cents)

    def _kept(
        self, case: Case, found: Valued, left: int, raised: list[tuple[Wanted, int, int]]
    ) -> Promise:
        version = case.ruled.version if case.ruled else None
        self._rows.append(
            kept(
                case.claim.action_id,
                version,
                case.action,
                found.decision,
                left_cents=left,
                amount_cents=found.amount_cents,
                counters=raised,
                outside=case.ruled.outside if case.ruled else (),
            )
        )
        lines = [line.to_json() for line in found.decision.lines]
        return Promise(found.decision.cents, version, lines)

    def asked(self, claim: Claim) -> dict[str, Any]:
        """What is kept of what the deed tells: all that the rules of its day look at."""
        return dict(claim.asked(self._cases[claim.action_id].program))

    def save(self) -> None:
        self.counters.save(self._rows)
        self._rows = []

    def _keys(self, claims: list[Claim], back: Sequence[Back]) -> list[Key]:
        keys = [one.key for case in self._cases.values() for one in case.wanted]
        keys += [key for claim in claims for _, key in claim.limited_by()]
        for one in back:
            keys += [rise.key for rise in rises_of(one.found, one.claim.person_id)]
            keys += [key for _, key in one.claim.limited_by()]
        return keys

    def _give_back(self, one: Back) -> None:
        """Takes a promise back, before it was batched, or an amount under zero."""
        give_back(self.counters, lowered_by(one.found, one.claim.person_id))
        for _, key in one.claim.limited_by():
            self.counters.add(key, -one.found.cents, -1)
        self.counters.add(self._slice, -one.found.cents)
        self._rows.append(returned(one.found))

    def _left(self, case: Case) -> int:
        """What the budget holds for a deed, at hand or got from the pool."""
        need = self._need(case)
        if need > self.counters.count(self._slice).left:
            refill(
                self._session,
                self._programme_id,
                self.counters,
                self._slice,
                need=need,
                funded=self._funded,
            )
        return max(0, self.counters.count(self._slice).left)

    def _need(self, case: Case) -> int:
        """What it may be credited at most: by itself, less what is owed."""
        owed = [self.counters.count(one.key).cents for one in case.wanted if one.name == OWED[0]]
        return case.worth - sum(owed) if case.worth > 0 else 0

    def _check_ceiling(self, claim: Claim, cents: int) -> None:
        for one, key in claim.limited_by():
            actions, most = self._ceilings[one]
            had = self.counters.count(key)
            if had.actions + 1 > actions:
                raise OverCeilingError(key, "actions")
            if had.cents + cents > most:
                raise OverCeilingError(key, "tokens")


def funded(session: Session, programme_id: UUID) -> int:
    """Cents of fundings that are final on the chain."""
    query = select(func.coalesce(func.sum(col(Funding.amount_cents)), 0)).where(
        col(Funding.programme_id) == programme_id, col(Funding.final_at).is_not(None)
    )
    return int(session.scalar(query) or 0)


def _ceilings(session: Session, claims: list[Claim]) -> dict[UUID, tuple[int, int]]:
    bodies = {claim.organisation_id for claim in claims if claim.organisation_id is not None}
    devices = {claim.device_id for claim in claims if claim.device_id is not None}
    known: list[Organisation | Device] = [session.get_one(Organisation, one) for one in bodies]
    known += [session.get_one(Device, one) for one in devices]
    return {one.id: (one.actions_per_day, one.reward_cents_per_day) for one in known}
