"""A programme's terms as recording needs them: dates, delays, and what its rules take.

A published rule set never changes, so each is read and checked once per process, by its hash; what
it names and doesn't hold is that of the deed's moment (`app.rewards.outside`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.timetable import Terms
from app.impact.catalogue import catalogue
from app.rewards.models import Programme, ProgrammeState, RuleSet
from app.rewards.outside.kept import Entry, Index, index, names_in, read
from app.rewards.rule_sets.published import Ruling, is_general, ruling

OVER = frozenset({ProgrammeState.CLOSING, ProgrammeState.CLOSED, ProgrammeState.ARCHIVED})


@dataclass(frozen=True)
class InForce:
    """A version of a programme's rules, with `outside` as it holds."""

    version: int
    rules: Ruling
    outside: tuple[Entry, ...] = ()


class Frozen:
    """A published rule set, and what it was made into with each state of what lies outside."""

    def __init__(self, rules: Mapping[str, Any], time_zone: str) -> None:
        self._rules, self._time_zone = rules, time_zone
        self.names = names_in(rules) if is_general(rules) else ()
        self.may_owe = rules.get("negative") == "allowed"
        self._rulings: dict[tuple[UUID, ...], Ruling] = {}

    def ruling(self, session: Session, entries: tuple[Entry, ...]) -> Ruling:
        key = tuple(entry.id for entry in entries)
        if key not in self._rulings:
            types = [kind.id for kind in catalogue().action_types()]
            outside = read(session, entries)
            self._rulings[key] = ruling(self._rules, self._time_zone, types, outside)
        return self._rulings[key]


_READ: dict[tuple[UUID, bytes], Frozen] = {}


@dataclass(frozen=True)
class Version:
    """A published version of a programme's rules; `index` where it leaves something to outside."""

    version: int
    valid_from: datetime
    frozen: Frozen
    session: Session
    index: Index | None

    def at(self, moment: datetime) -> InForce:
        """With what holds outside at a moment."""
        return self._with(self.index.holding(self.frozen.names, moment) if self.index else ())

    def given(self, kept: Iterable[Sequence[Any]]) -> InForce:
        """With what an evaluation was made with."""
        return self._with(self.index.given(kept) if self.index else ())

    def _with(self, entries: tuple[Entry, ...]) -> InForce:
        return InForce(self.version, self.frozen.ruling(self.session, entries), entries)


def versions(session: Session, programme_id: UUID) -> list[Version]:
    """Every version of a programme's rules, newest first."""
    r = RuleSet
    query = select(col(r.version), col(r.valid_from), col(r.hash))
    query = query.where(col(r.programme_id) == programme_id).order_by(col(r.version).desc())
    return parsed_versions(
        session,
        programme_id,
        [(row.version, row.valid_from, row.hash) for row in session.execute(query)],
    )


def parsed_versions(
    session: Session,
    programme_id: UUID,
    rows: Iterable[tuple[int, datetime, bytes]],
    generation: str | None = None,
) -> list[Version]:
    """The versions of (number, valid from, hash); what a hash stands for is known or read.
    `generation`: of what lies outside, as the caller read it."""
    found = [(*row, _frozen(session, programme_id, row[0], row[2])) for row in rows]
    known = index(session, generation) if any(one[3].names for one in found) else None
    return [
        Version(version, since, frozen, session, known if frozen.names else None)
        for version, since, _digest, frozen in found
    ]


def in_force(known: Iterable[Version], at: datetime) -> InForce | None:
    """The newest of the versions that is valid at `at`."""
    found = next((one for one in known if one.valid_from <= at), None)
    return None if found is None else found.at(at)


def may_owe(known: Iterable[Version]) -> bool:
    """Whether somebody may owe something: a version lets amounts be negative, or did."""
    return any(one.frozen.may_owe for one in known)


def rules_in_force(session: Session, programme: Programme, at: datetime) -> RuleSet | None:
    """The stored rule set that is in force."""
    query = (
        select(RuleSet)
        .where(col(RuleSet.programme_id) == programme.id, col(RuleSet.valid_from) <= at)
        .order_by(col(RuleSet.version).desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def newest_rules(session: Session, programme_id: UUID) -> RuleSet | None:
    """The last version that was frozen, whether it holds already or not."""
    query = select(RuleSet).where(col(RuleSet.programme_id) == programme_id)
    return session.scalars(query.order_by(col(RuleSet.version).desc()).limit(1)).one_or_none()


def terms_of(session: Session, programme: Programme, now: datetime) -> Terms:
    """Without rules in force the programme takes nothing, and counts as not running."""
    return terms_at(timetable_of(programme), versions(session, programme.id), now)


def terms_at(bare: Terms, known: Iterable[Version], now: datetime) -> Terms:
    """The same, of a programme's timetable and versions, newest first."""
    found = in_force(known, now)
    if found is None:
        return replace(bare, running=False)
    return replace(
        bare, max_age_days=found.rules.max_age_days, action_types=found.rules.action_types
    )


def timetable_of(programme: Programme) -> Terms:
    """The terms without what the rules say: enough for dates and delays."""
    return Terms(
        programme_id=programme.id,
        chain_id=programme.chain_id,
        zone=ZoneInfo(programme.time_zone),
        first_day=programme.first_day,
        last_day_to_earn=programme.last_day_to_earn,
        running=programme.state is ProgrammeState.RUNNING,
        over=programme.state in OVER,
        undo=timedelta(seconds=programme.undo_seconds),
        delay_attested=timedelta(seconds=programme.delay_attested_seconds),
        delay_evidenced=timedelta(seconds=programme.delay_evidenced_seconds),
        max_age_days=0,
        action_types=frozenset(),
    )


def _frozen(session: Session, programme_id: UUID, version: int, digest: bytes) -> Frozen:
    """Kept by programme, whose time zone is that of its rules of version 1."""
    known = _READ.get((programme_id, digest))
    if known is None:
        stored = session.get_one(RuleSet, (programme_id, version))
        zone = session.get_one(Programme, programme_id).time_zone
        known = _READ[programme_id, digest] = Frozen(stored.rules, zone)
    return known
