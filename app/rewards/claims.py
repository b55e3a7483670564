"""A deed as the money sees it, and as the rules do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.actions.models import Action as Deed
from app.actions.models import Channel, ProofLevel
from app.actions.timetable import day_of
from app.identity.ages import AgeBand
from app.identity.models import Person
from app.rewards.caps import Key, device_key, organisation_key
from app.rewards.found_facts import with_found
from app.rewards.language.action import Action


@dataclass(frozen=True, slots=True)
class Doer:
    """What rules may ask of who did it; `adult` None where no birthday was ever said."""

    identity_level: str
    adult: bool | None

    @classmethod
    def of(cls, level: str, band: AgeBand | None) -> Doer:
        return cls(level, None if band is None else band is AgeBand.ADULT)


@dataclass(frozen=True, slots=True)
class Claim:
    """A deed behind which somebody's signature stands, and what its reward depends on."""

    action_id: UUID
    person_id: UUID
    doer: Doer
    organisation_id: UUID | None
    channel: Channel
    action_type_id: str
    unit: str
    quantity: int
    proof_level: ProofLevel
    deed_at: datetime
    recorded_at: datetime
    recorded_day: date
    district: str | None = None
    device_id: UUID | None = None
    found: Mapping[str, Any] = field(default_factory=dict)  # out by two officers

    @classmethod
    def of(cls, deed: Deed, unit: str, doer: Doer, zone: ZoneInfo) -> Claim:
        return cls(
            action_id=deed.id,
            person_id=deed.person_id,
            doer=doer,
            organisation_id=deed.organisation_id,
            channel=deed.channel,
            action_type_id=deed.action_type_id,
            unit=unit,
            quantity=deed.quantity,
            proof_level=deed.proof_level,
            deed_at=deed.deed_at,
            recorded_at=deed.recorded_at,
            recorded_day=day_of(deed.recorded_at, zone),
            district=deed.district,
            device_id=deed.device_id,
        )

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

    def action(self, *, with_age: bool) -> Action:
        """A body is partner of what it brings, attester of what it vouches for. Whether somebody
        is adult is said only to rules that ask."""
        body = None if self.organisation_id is None else str(self.organisation_id)
        said = Action(
            at=self.deed_at,
            citizen=str(self.person_id),
            action_type=self.action_type_id,
            quantity=self.quantity,
            unit=self.unit,
            distance_m=self.quantity if self.unit == "m" else None,
            partner=body if self.channel is Channel.PARTNER else None,
            attester=None if self.channel is Channel.PARTNER else body,
            trip=str(self.action_id),
            proof_level=self.proof_level.value,
            identity_level=self.doer.identity_level,
            citizen_adult=self.doer.adult if with_age else None,
            recorded_at=self.recorded_at,
            end={} if self.district is None else {"district": self.district},
        )
        return with_found(said, self.found)


def doer_of(person: Person) -> Doer:
    return Doer.of(person.identity_level.value, person.age_band)


def claim_of(deed: Deed, unit: str, person: Person, zone: ZoneInfo) -> Claim:
    return Claim.of(deed, unit, doer_of(person), zone)
