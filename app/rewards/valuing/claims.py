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
from app.actions.told import NOTHING, Told, asked
from app.identity.ages import AgeBand
from app.identity.models import Person
from app.rewards.language.action import Action
from app.rewards.language.compiling import Program
from app.rewards.valuing.caps import Key, device_key, organisation_key
from app.rewards.valuing.found_facts import with_found


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
    told: Told
    district: str | None = None
    device_id: UUID | None = None
    other_id: UUID | None = None
    other: Doer | None = None  # whoever `other_id` is
    found: Mapping[str, Any] = field(default_factory=dict)  # out by two officers

    @classmethod
    def of(
        cls, deed: Deed, unit: str, doer: Doer, zone: ZoneInfo, other: Doer | None = None
    ) -> Claim:
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
            told=deed.told,
            other_id=deed.other_id,
            other=other,
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

    def asked(self, program: Program | None) -> Told:
        """What the deed tells and rules look at: the rest decides nothing, and isn't kept."""
        return NOTHING if program is None else asked(self.told, program.fields, program.kinds)

    def action(self, program: Program | None) -> Action:
        """A body is partner of what it brings, attester of what it vouches for. Whether somebody
        is adult is said only to rules that ask."""
        body = None if self.organisation_id is None else str(self.organisation_id)
        fields = frozenset[str]() if program is None else program.fields
        told = dict(self.asked(program))
        if "other" in told and self.other_id is not None:
            told["other"] = str(self.other_id)
        here = {} if self.district is None else {"district": self.district}
        told["end"] = {**here, **told.get("end", {})}
        said = Action(
            at=self.deed_at,
            citizen=str(self.person_id),
            action_type=self.action_type_id,
            quantity=self.quantity,
            unit=self.unit,
            distance_m=self.quantity if self.unit == "m" else None,
            partner=body if self.channel is Channel.PARTNER else None,
            attester=None if self.channel is Channel.PARTNER else body,
            proof_level=self.proof_level.value,
            identity_level=self.doer.identity_level,
            citizen_adult=self.doer.adult if "citizen_adult" in fields else None,
            other_adult=self.other.adult if self.other and "other_adult" in fields else None,
            recorded_at=self.recorded_at,
            **{"trip": str(self.action_id), **told},
        )
        return with_found(said, self.found)


def doer_of(person: Person) -> Doer:
    return Doer.of(person.identity_level.value, person.age_band)


def claim_of(
    deed: Deed, unit: str, person: Person, zone: ZoneInfo, other: Person | None = None
) -> Claim:
    return Claim.of(deed, unit, doer_of(person), zone, None if other is None else doer_of(other))
