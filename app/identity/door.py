"""Who comes in, by one statement: the clock, the live session of a token, the roles held now.

A statement of its own, committed by itself before the request's transaction begins. So a write
can be counted against its person's limit in the same breath, and counts even if it is refused.
The condition under which a role counts is `roles.in_force`, here as everywhere; those of
PASSKEY_ROLES are held back from a session that no passkey stands behind. For whom they act, and
whether that mandate holds at this moment (`mandates.in_force`), is asked with it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, func, literal_column, select
from sqlmodel import col

from app.db import DIALECT, Fixed
from app.identity.mandates.models import Act, Mandate
from app.identity.mandates.queries import in_force as holds_now
from app.identity.models import Role, RoleGrant
from app.identity.roles import PASSKEY_ROLES, Roles, in_force
from app.identity.sign_in import SEEN_EVERY
from app.identity.stations.shift_rules import IDLE, SHIFT_ROLES

_ENTER = """
with clock as materialized (select {now} as at),
me as materialized (
    select s.id, s.person_id, s.last_seen_at, s.passkey_id, s.proved_at, s.mandate_id, s.station_id
    from sign_in_session s, clock
    where s.token_hash = %(token)s and s.ended_at is null and s.expires_at > clock.at
    and (s.station_id is null or s.last_seen_at > clock.at - %(idle)s)
),
seen as (
    update sign_in_session s set last_seen_at = clock.at from me, clock
    where s.id = me.id and case when me.station_id is null
        then clock.at - me.last_seen_at > %(seen_every)s else %(by_hand)s end
),
counted as (
    insert into attempt (key, window_ends, count)
    select %(key)s, {window_ends}, 1 from me, clock where me.person_id = %(person)s
    on conflict (key, window_ends) do update set count = attempt.count + 1
    returning count
)
select clock.at, me.id, me.person_id, me.passkey_id, me.proved_at, me.station_id,
    (select organisation_id from station where id = me.station_id) as workplace,
    (select count from counted) as counted, ({roles}) as roles,
    case when me.mandate_id is not null then ({acting}) end as acting
from clock left join me on true
"""
_AT: ColumnElement[datetime] = literal_column("clock.at")
WINDOW_ENDS = (
    "to_timestamp((floor(extract(epoch from clock.at) / cast(%(window)s as integer)) + 1)"
    " * cast(%(window)s as integer))"
)


@dataclass(frozen=True)
class Count:
    """What is counted when the token turns out to be this person's: a write, in a window."""

    person_id: UUID
    key: str
    window: int


@dataclass(frozen=True)
class Acting:
    """For whom the session's person acts at present, in what; `live`: the mandate still holds."""

    mandate_id: UUID
    person_id: UUID
    acts: frozenset[Act]
    live: bool

    @classmethod
    def read(cls, told: tuple[str, str, list[str], bool]) -> Acting:
        mandate, person, acts, live = told
        return cls(UUID(mandate), UUID(person), frozenset(map(Act, acts)), live)


@dataclass(frozen=True)
class Entered:
    """`count` is None where nothing was to be counted, or the token is somebody else's.

    `held_back`: roles that would count if a passkey stood behind the session. `station_id`: of a
    shift, in which the roles of counter and till at the station's organisation count alone.
    """

    at: datetime
    session_id: UUID
    person_id: UUID
    roles: Roles
    held_back: frozenset[Role]
    by_passkey: bool
    proved_at: datetime | None
    station_id: UUID | None
    count: int | None
    acting: Acting | None


def enter(
    connection: Connection,
    token: bytes,
    clock_sql: str,
    count: Count | None = None,
    *,
    code_will_do: bool,
    by_hand: bool = True,
) -> tuple[datetime, Entered | None]:
    """The instant, and who holds the token of this hash, or nobody.

    `code_will_do`: in a demo, where staff need no passkey. `by_hand`: what a page asks by itself
    keeps no shift open.
    """
    values = {
        "token": token,
        "seen_every": SEEN_EVERY,
        "idle": IDLE,
        "by_hand": by_hand,
        **_counted(count),
    }
    row = _statement(clock_sql).run(connection, values).one()
    return row.at, None if row.id is None else _entered(row, code_will_do)


def _entered(row: Row[Any], code_will_do: bool) -> Entered:
    roles, by_passkey = _roles(row.roles), row.passkey_id is not None
    acting = None if row.acting is None else Acting.read(row.acting)
    if row.station_id is not None:
        roles = _in_a_shift(roles, row.workplace)
    held_back = frozenset() if by_passkey or code_will_do else PASSKEY_ROLES & roles.keys()
    return Entered(
        at=row.at,
        session_id=row.id,
        person_id=row.person_id,
        roles={role: held for role, held in roles.items() if role not in held_back},
        held_back=held_back,
        by_passkey=by_passkey,
        proved_at=row.proved_at,
        station_id=row.station_id,
        count=row.counted,
        acting=acting,
    )


def _counted(count: Count | None) -> dict[str, Any]:
    return {
        "person": count.person_id if count else None,
        "key": count.key if count else "",
        "window": count.window if count else 1,
    }


def _roles(pairs: list[tuple[str, str | None]]) -> Roles:
    """Everybody is a citizen; the other roles are rows."""
    held: defaultdict[Role, set[UUID | None]] = defaultdict(set)
    held[Role.CITIZEN].add(None)
    for role, organisation_id in pairs or ():
        held[Role(role)].add(None if organisation_id is None else UUID(organisation_id))
    return {role: frozenset(organisations) for role, organisations in held.items()}


def _in_a_shift(roles: Roles, workplace: UUID) -> Roles:
    """Nobody is a citizen, an officer or an administrator there."""
    return {
        role: frozenset({workplace})
        for role, held in roles.items()
        if role in SHIFT_ROLES and workplace in held
    }


@cache
def _statement(clock_sql: str) -> Fixed:
    pair = func.jsonb_build_array(col(RoleGrant.role), col(RoleGrant.organisation_id))
    mine = select(func.jsonb_agg(pair)).where(
        col(RoleGrant.person_id) == literal_column("me.person_id"),
        in_force(_AT),
    )
    roles = mine.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
    told = func.jsonb_build_array(
        col(Mandate.id), col(Mandate.person_id), col(Mandate.acts), holds_now(_AT)
    )
    theirs = select(told).where(
        col(Mandate.id) == literal_column("me.mandate_id"),
        col(Mandate.representative_id) == literal_column("me.person_id"),
    )
    acting = theirs.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
    return Fixed(
        _ENTER.format(now=clock_sql, window_ends=WINDOW_ENDS, roles=str(roles), acting=str(acting))
    )
