"""Public figures as PostgreSQL keeps them: what a site's pages and export are read from.

Each question is one statement, so that a sentence, its table and their block are of one instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Dialect, String, bindparam, text
from sqlalchemy.dialects import postgresql

from app.driver import Fixed
from app.impact.catalogue import catalogue
from app.impact.entries import METRICS, PROOF_LEVEL_NUMBERS, VOUCHED
from app.reporting.figures import Figure, FigureKey


class Sum(NamedTuple):
    """Of a kind of deed in a month, at a proof level, in one programme.

    Where the programme says so: how much of it would not have happened anyway, and by what source.
    """

    month: date
    action_type_id: str
    action_type_version: int
    proof_level: str
    actions: int
    reward_cents: int
    distance_m: int
    waste_g: int
    water_ml: int
    energy_wh: int
    duration_s: int
    item_count: int
    net_permille: int | None = None
    net_source: str | None = None


_STORED = Sum._fields[:-2]
_FIGURE = ", ".join(f"figure.{name}" for name in _STORED)
# The last word for each month, until the next month that has one; read once, not for each figure.
_NET = (
    " left join (select programme.chain_id, share.*, lead(share.from_month, 1, 'infinity'::date)"
    " over (partition by share.programme_id, share.action_type_id order by share.from_month)"
    " as until from (select distinct on (programme_id, action_type_id, from_month) programme_id,"
    " action_type_id, from_month, permille, source from net_share"
    " order by programme_id, action_type_id, from_month, id desc) share"
    " join programme on programme.id = share.programme_id) net"
    " on net.chain_id = figure.programme_chain_id and net.action_type_id = figure.action_type_id"
    " and net.from_month <= figure.month and figure.month < net.until"
)
_RECORDS = (
    "record.trips, record.distance_m, record.operator_signed, record.vouched,"
    " record.held_cents, record.holders, emergency.opened, emergency.last"
)
# Of the year in which one was opened last, in the city. Not rolled with the facts: an alarm is at
# once.
_EMERGENCIES = (
    " left join (select count(*) opened, max(day) last from"
    " (select (opened_at at time zone :zone)::date as day from emergency_access) every"
    " where date_trunc('year', day) = (select date_trunc('year', max(opened_at at time zone :zone))"
    " from emergency_access)) emergency on true"
)
_SINCE = "(max(month) - make_interval(months => :months - 1))::date from published_figure"
_TOTALS = text(
    "select coalesce(sum(actions) filter (where proof_level = any(:vouched)), 0)::bigint,"  # noqa: S608
    " coalesce(sum(reward_cents), 0)::bigint,"
    " coalesce(sum(actions) filter (where proof_level <> all(:vouched)), 0)::bigint"
    f" from published_figure where month >= (select {_SINCE})"
)
_MONTHS = (
    f"select cursor.number, {_RECORDS}, {_FIGURE}, net.permille, net.source"  # noqa: S608
    " from (select 1) always"
    " left join chain_cursor cursor on cursor.name = 'final'"
    f" left join record_total record on true{_EMERGENCIES}"
    " left join published_figure figure on figure.action_type_id in :kinds"
    f" and figure.month >= (select {_SINCE})"
    f"{_NET}"
)
_EVERY = text(
    f"select cursor.number, block.block_time, {_RECORDS},"  # noqa: S608
    f" figure.programme_chain_id, figure.block_number, {_FIGURE}"
    " from (select 1) always"
    " left join chain_cursor cursor on cursor.name = 'final'"
    " left join chain_block block on block.hash = cursor.hash"
    f" left join record_total record on true{_EMERGENCIES}"
    " left join published_figure figure on true"
).bindparams(bindparam("zone", type_=String()))
Ask = Callable[[Fixed, Mapping[str, Any]], Sequence[Any]]  # as app.driver answers a statement
_DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Records:
    """What the city knows from its own records: see RecordTotal; and of emergency accesses."""

    last_emergency: date | None = None
    trips: int = 0
    distance_m: int = 0
    operator_signed: int = 0
    vouched: int = 0
    held_cents: int = 0
    holders: int = 0
    emergencies: int = 0


@dataclass(frozen=True)
class Shown:
    """Read at one instant. `block` is the last final one, 0 before the first."""

    block: int
    records: Records
    sums: list[Sum]


@dataclass(frozen=True)
class Everything:
    """What an export is made of, in the order of the figures' keys."""

    block: int
    block_time: datetime | None
    records: Records
    figures: list[Figure]


def totals(connection: Connection, months: int) -> tuple[int, int, int]:
    """Of the last months that have a figure: deeds vouched for, cents, deeds on people's word."""
    given = {"months": months, "vouched": list(VOUCHED)}
    vouched, cents, own_word = connection.execute(_TOTALS, given).one()
    return vouched, cents, own_word


def shown(ask: Ask, kinds: Iterable[str], months: int, zone: ZoneInfo) -> Shown:
    """Of these kinds of deed, the last so many months, back from the newest with a figure.

    `zone`: the city's.
    """
    rows = ask(_months_of(tuple(kinds), months, zone.key), {})
    sums = [Sum._make(row[9:]) for row in rows if row[9]]
    return Shown(rows[0][0] or 0, _records(rows[0][1:9]), sums)


@lru_cache(maxsize=64)
def _months_of(kinds: tuple[str, ...], months: int, zone: str) -> Fixed:
    """The values stand in the text: PostgreSQL plans what has no parameters once, and keeps it."""
    bound = text(_MONTHS).bindparams(
        bindparam("kinds", kinds, String(), expanding=True),
        bindparam("zone", zone, String()),
        months=months,
    )
    return Fixed(str(bound.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})))


def everything(connection: Connection, zone: ZoneInfo) -> Everything:
    """`zone`: the city's."""
    rows = connection.execute(_EVERY, {"zone": zone.key}).all()
    figures = [_figure(row[10], row[11], Sum(*row[12:])) for row in rows if row[10]]
    block, time = rows[0][:2]
    return Everything(
        block or 0, time, _records(rows[0][2:10]), sorted(figures, key=lambda figure: figure.key)
    )


def _figure(programme: bytes, block: int, one: Sum) -> Figure:
    version = one.action_type_version
    number = catalogue().action_type(one.action_type_id, version).number
    at = one.month.year * 100 + one.month.month
    key = FigureKey(programme, at, number, version, PROOF_LEVEL_NUMBERS[one.proof_level])
    metrics = {name: getattr(one, name) for name in METRICS}
    return Figure(key, one.actions, one.reward_cents, metrics, block)


def _records(row: Sequence[Any]) -> Records:
    *sums, last = row
    return Records(last, *(value or 0 for value in sums))
