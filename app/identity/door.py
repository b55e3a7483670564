"""Who comes in, by one statement: clock, live session of a token, roles held now, a consent.

A statement of its own, committed by itself before the request's transaction begins. So a write
can be counted against its person's limit in the same breath, and counts even if it is refused.
What it writes are functions (migration 0005), which cost nothing where they aren't called.
The condition under which a role counts is `roles.in_force`, here as everywhere; those of
PASSKEY_ROLES are held back from a session that no passkey stands behind. For whom they act, and
whether that mandate holds at this moment (`mandates.in_force`), is asked with it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Select,
    Text,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlmodel import col

from app.driver import DIALECT, Fixed, Singles
from app.identity.mandates.models import Act, Mandate
from app.identity.mandates.queries import in_force as holds_now
from app.identity.models import Role, RoleGrant
from app.identity.roles import PASSKEY_ROLES, Roles, in_force
from app.identity.sign_in import SEEN_EVERY
from app.identity.stations.shift_rules import IDLE, SHIFT_ROLES
from app.privacy.consent_held import agrees

_ENTER = """
select clock.at, me.id, me.person_id, me.passkey_id is not null, me.proved_at,
    me.station_id, me.mandate_id, {roles}, {agreed}, {counted}, {seen}, {workplace}, {acting}
from (select {now} as at offset 0) clock
left join sign_in_session me
    on me.token_hash = %(token)s and me.ended_at is null and me.expires_at > clock.at
    and (me.station_id is null or me.last_seen_at > clock.at - {idle})
"""
_PLAIN = "me.station_id is null and me.mandate_id is null"
_COUNTED = "case when me.person_id = %(person)s and {plain} then count_try(%(key)s, {ends}) end"
_SEEN = """case when %(by_hand)s and (me.station_id is not null
    or clock.at - me.last_seen_at > {every}) then note_seen(me.id, clock.at) end"""
_WORKPLACE = """case when me.station_id is not null
    then (select organisation_id from station where id = me.station_id) end"""
_AT: ColumnElement[datetime] = literal_column("clock.at")
_PERSON: ColumnElement[UUID] = literal_column("me.person_id")
_OWNER: ColumnElement[UUID] = literal_column(
    "case when me.mandate_id is null then me.person_id else (select person_id from mandate"
    " where id = me.mandate_id and representative_id = me.person_id) end"
)
WINDOW_ENDS = (
    "to_timestamp((floor(extract(epoch from {at}) / cast(%(window)s as integer)) + 1)"
    " * cast(%(window)s as integer))"
)
_CITIZEN: Roles = {Role.CITIZEN: frozenset({None})}


@dataclass(frozen=True)
class Count:
    """What is counted when the token turns out to be this person's: a write, in a window."""

    person_id: UUID
    key: str
    window: int


class Use(NamedTuple):
    """What a route needs its person's consent for; theirs for whom they act."""

    purpose: str
    recipient: str


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


class Entered(NamedTuple):
    """`counted` is None where nothing was to be counted, or the token is somebody else's.

    `held_back`: roles that would count if a passkey stood behind the session. `station_id`: of a
    shift, in which the roles of counter and till at the station's organisation count alone.
    `agreed`: to the use that was asked about, None where none was.
    """

    at: datetime
    session_id: UUID
    person_id: UUID
    roles: Roles
    held_back: frozenset[Role]
    by_passkey: bool
    proved_at: datetime | None
    station_id: UUID | None
    counted: int | None
    acting: Acting | None
    agreed: bool | None


def enter(
    singles: Singles,
    token: bytes,
    clock_sql: str,
    count: Count | None = None,
    *,
    use: Use | None = None,
    code_will_do: bool,
    by_hand: bool = True,
    plain: bool = False,
) -> tuple[datetime, Entered | None]:
    """The instant, and who holds the token of this hash, or nobody.

    `code_will_do`: in a demo, where staff need no passkey. `by_hand`: what a page asks by itself
    keeps no shift open, and is no sign that anybody is there. `plain`: the session was without
    shift and mandate when it was last seen, so neither is looked into; should it have one now,
    nothing was counted, and all is asked anew.
    """
    values = {"token": token, **_counted(count), "by_hand": by_hand}
    statement = _statement(clock_sql, use, count is not None, plain)
    row = singles.rows(statement, values)[0]
    if plain and (row[5] is not None or row[6] is not None):
        return enter(
            singles, token, clock_sql, count, use=use, code_will_do=code_will_do, by_hand=by_hand
        )
    return row[0], None if row[1] is None else _entered(row, code_will_do)


def _entered(row: tuple[Any, ...], code_will_do: bool) -> Entered:
    at, session_id, person_id, by_passkey, proved_at, station_id, _, held, agreed, *rest = row
    counted, _, workplace, acting = rest
    roles, held_back = _roles(held) if held else _CITIZEN, frozenset[Role]()
    if station_id is not None:
        roles = _in_a_shift(roles, workplace)
    if held and not by_passkey and not code_will_do:
        held_back = PASSKEY_ROLES & roles.keys()
        roles = {role: where for role, where in roles.items() if role not in held_back}
    return Entered(
        at,
        session_id,
        person_id,
        roles,
        held_back,
        by_passkey,
        proved_at,
        station_id,
        counted,
        None if acting is None else Acting.read(acting),
        agreed,
    )


def _counted(count: Count | None) -> dict[str, Any]:
    if count is None:
        return {}
    return {"person": count.person_id, "key": count.key, "window": count.window}


def _roles(held: list[str]) -> Roles:
    """Everybody is a citizen; the other roles are rows: `merchant:` and the organisation's id."""
    roles: defaultdict[Role, set[UUID | None]] = defaultdict(set)
    roles[Role.CITIZEN].add(None)
    for one in held:
        role, _, organisation_id = one.partition(":")
        roles[Role(role)].add(UUID(organisation_id) if organisation_id else None)
    return {role: frozenset(organisations) for role, organisations in roles.items()}


def _in_a_shift(roles: Roles, workplace: UUID) -> Roles:
    """Nobody is a citizen, an officer or an administrator there."""
    return {
        role: frozenset({workplace})
        for role, held in roles.items()
        if role in SHIFT_ROLES and workplace in held
    }


@cache
def _statement(clock_sql: str, use: Use | None, counts: bool, plain: bool) -> Fixed:
    """PostgreSQL pays for each part of a statement, asked or not: so what isn't asked isn't in."""
    ends = WINDOW_ENDS.format(at="clock.at")
    counted = _COUNTED.format(plain=_PLAIN if plain else "true", ends=ends)
    owner = _PERSON if plain else _OWNER
    sql = _ENTER.format(
        now=clock_sql.replace("clock_timestamp", "statement_timestamp"),  # one for all its parts
        idle=_span(IDLE),
        roles=_words(_mine()),
        agreed="null::boolean" if use is None else _words(agrees(_AT, owner, *use)),
        counted=counted if counts else "null::int",
        seen=_SEEN.format(every=_span(SEEN_EVERY)),
        workplace="null::uuid" if plain else _WORKPLACE,
        acting="null::jsonb" if plain else f"({_words(_theirs())})",
    )
    return Fixed(sql)


def _mine() -> ColumnElement[Any]:
    where = func.coalesce(literal(":") + cast(col(RoleGrant.organisation_id), Text), "")
    whose = col(RoleGrant.person_id) == literal_column("me.person_id")
    held = select(cast(col(RoleGrant.role), Text) + where).where(whose, in_force(_AT))
    return func.array(held.scalar_subquery())


def _theirs() -> Select[Any]:
    told = func.jsonb_build_array(
        col(Mandate.id), col(Mandate.person_id), col(Mandate.acts), holds_now(_AT)
    )
    return select(told).where(
        col(Mandate.id) == literal_column("me.mandate_id"),
        col(Mandate.representative_id) == literal_column("me.person_id"),
    )


def _words(part: ClauseElement) -> str:
    return str(part.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))


def _span(length: timedelta) -> str:
    return f"interval '{length.total_seconds():.0f} seconds'"
