"""What a deed is promised: rules of its day, then caps, then what the budget still holds.

A `Book` is one programme's money for one transaction: rule sets, fundings that are final on the
chain, locked counters. It values one deed or thousands; nothing is read in between. The last
deed that the budget reaches gets what is left, and its explanation says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.device_models import Device
from app.actions.timetable import Terms
from app.identity.models import Organisation
from app.rewards.caps import BUDGET, Counters, Key, device_key, organisation_key, person_keys
from app.rewards.models import Funding
from app.rewards.rules import Facts, Line, Valuation, apply_caps, value
from app.rewards.rules import RuleSet as Rules
from app.rewards.terms import Version, in_force, versions


@dataclass(frozen=True, slots=True)
class Claim:
    """A deed as the money sees it. `vouched`: somebody's signature stands behind it."""

    person_id: UUID
    identity_level: str
    organisation_id: UUID | None
    action_type_id: str
    unit: str
    quantity: int
    proof_level: str
    vouched: bool
    deed_at: datetime
    deed_day: date
    recorded_day: date
    device_id: UUID | None = None

    def counted_in(self) -> list[Key]:
        own = list(person_keys(self.person_id, self.deed_day).values())
        return own + [key for _, key in self.limited_by()]

    def limited_by(self) -> list[tuple[UUID, Key]]:
        """Whose daily ceilings it must keep, each with its counter."""
        known = []
        if self.organisation_id is not None:
            known.append(
                (self.organisation_id, organisation_key(self.organisation_id, self.recorded_day))
            )
        if self.device_id is not None:
            known.append((self.device_id, device_key(self.device_id, self.recorded_day)))
        return known

    def facts(self) -> Facts:
        return Facts(
            action_type=self.action_type_id,
            quantity=self.quantity,
            unit=self.unit,
            proof_level=self.proof_level if self.vouched else "declared",
            identity_level=self.identity_level,
            deed_day=self.deed_day,
            recorded_day=self.recorded_day,
        )


@dataclass(frozen=True, slots=True)
class Promise:
    """What a claim gets, by which version of the rules, line by line."""

    cents: int
    rule_set_version: int | None
    lines: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Funds:
    """A programme's timetable, its rules, newest first, and its final fundings, which only grow.

    Read before the counters are locked; what was read early promises too little at most.
    """

    timetable: Terms
    versions: Sequence[Version]
    funded: int


class OverCeilingError(Exception):
    """A ceiling of the day does not hold this deed: it waits for a person. `whose` has its kind,
    organisation or device, and its id."""

    def __init__(self, key: Key, what: str) -> None:
        self.whose, self.what = key[0].partition(":"), what
        super().__init__(f"{self.whose[0]} {self.whose[2]} over its daily {what}")


class Book:
    """The money of one programme, held locked by this transaction."""

    def __init__(
        self,
        session: Session,
        programme_id: UUID,
        claims: Iterable[Claim],
        known: Funds | None = None,
    ) -> None:
        claims = list(claims)
        keys = [key for claim in claims for key in claim.counted_in()]
        self._ceilings = _ceilings(session, claims)
        self._versions = known.versions if known else versions(session, programme_id)
        self._funded = known.funded if known else funded(session, programme_id)
        self.counters = Counters(session, programme_id, keys)  # locked last, and so held shortest

    def promise(self, claim: Claim, *, over_ceiling: bool = False) -> Promise:
        """Counts the claim and says what it gets. Raises OverCeilingError, counting nothing."""
        ruled = in_force(self._versions, claim.deed_at)
        if ruled is None:
            worth = Valuation((Line("not_rewarded", 0, {}),))
        else:
            worth = self._capped(ruled.rules, claim)
        if not over_ceiling:
            self._check_ceiling(claim, worth.cents)
        self.counters.add([*claim.counted_in(), BUDGET], worth.cents)
        version = ruled.version if ruled else None
        return Promise(worth.cents, version, [line.to_json() for line in worth.lines])

    def give_back(self, claim: Claim, cents: int) -> None:
        """Takes a promise back, before it was batched."""
        self.counters.add([*claim.counted_in(), BUDGET], -cents, actions=-1)

    def left(self) -> int:
        """What the budget still holds."""
        return max(0, self._funded - self.counters.cents(BUDGET))

    def _capped(self, rules: Rules, claim: Claim) -> Valuation:
        facts = claim.facts()
        keys = person_keys(claim.person_id, claim.deed_day)
        promised = {span: self.counters.cents(key) for span, key in keys.items()}
        worth = apply_caps(rules, value(rules, facts), facts, promised)
        if (over := worth.cents - self.left()) > 0:
            line = Line("budget", -over, {"left_cents": self.left()})
            worth = Valuation((*worth.lines, line))
        return worth

    def _check_ceiling(self, claim: Claim, cents: int) -> None:
        for one, key in claim.limited_by():
            actions, most = self._ceilings[one]
            if self.counters.actions(key) + 1 > actions:
                raise OverCeilingError(key, "actions")
            if self.counters.cents(key) + cents > most:
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
