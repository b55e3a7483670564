"""What is made of the chain's events alone, and whether it is what the chain says, read anew.

These tables refer to no person and hold no clock, serial or drawn id: keys are block hash and log
index, times are block times. So from zero they come out the same, byte for byte, whatever was
erased since.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.chain.contracts.events import Listeners
from app.chain.edge import Edge
from app.chain.indexing.reading_again import RAW, read_again
from app.db import metadata
from app.impact.entries import METRICS
from app.outbox.leases import Fence
from app.reporting.projections import HANDLERS as CELLS
from app.rewards.money.moves import HANDLERS as MOVES
from app.rewards.money.moves import lock_accounts
from app.rewards.money.posting import HANDLERS as LEDGER

PROJECTIONS = Listeners((LEDGER, MOVES, CELLS), lock_accounts)
# Which rows of a table are final; in the order in which one refers to another. A balance of
# nothing may have been made by whoever locked it.
FINAL: dict[str, str] = {
    "chain_block": "number <= :final",
    "chain_log": "block_number <= :final",
    "chain_cursor": "name = 'final'",
    "ledger_entry": "block_number <= :final",
    "balance": "final_cents <> 0",
    "published_cell": "block_number <= :final",
    "published_figure": "true",
}
MARKS = {"chain_log": {"quarantined"}}  # set by whoever was told, for a person: no projection
# What PostgreSQL keeps in step with the real cells (migration 0003), of those that were read again.
_SUMS = ", ".join(
    f"sum(case when correction then -({value}) else {value} end)::bigint"
    for value in (
        "actions",
        "reward_cents",
        *(f"(metrics ->> '{name}')::bigint" for name in METRICS),
    )
)
_KEYS = "month, action_type_id, action_type_version, proof_level, programme_chain_id"
_FIGURES = text(
    f"insert into pg_temp.published_figure select {_KEYS}, count(*), max(block_number), {_SUMS}"  # noqa: S608
    f" from pg_temp.published_cell group by {_KEYS}"
)


@dataclass(frozen=True)
class Compared:
    """Rows of a table: as many as the chain makes, and how many of ours are others."""

    rows: int
    missing: int  # the chain makes them, and they aren't there as they should be
    foreign: int  # they are there, and the chain makes them otherwise or not at all

    @property
    def same(self) -> bool:
        return not self.missing and not self.foreign


def check_again(edge: Edge, fence: Fence, *, mend: bool = False) -> tuple[int, dict[str, Compared]]:
    """Up to which block, and each table beside what the chain makes of it, read from zero.

    `mend`: afterwards they are what the chain makes of them; only the tables' owner may. Raises
    what the indexer raises.
    """
    made = tuple(name for name in FINAL if name not in RAW)
    with read_again(edge, fence, PROJECTIONS, made) as (session, final):
        session.execute(_FIGURES)
        found = {name: _compare(session, name, final) for name in FINAL}
        if mend:
            _mend(session, final)
    return final, found


def _compare(session: Session, table: str, final: int) -> Compared:
    row = f"cast(row({', '.join(_columns(table))}) as text)"
    ours = f"select {row} from public.{table} where {FINAL[table]}"  # noqa: S608 - no input
    true = f"select {row} from pg_temp.{table} where {FINAL[table]}"  # noqa: S608 - no input
    query = f"""
        select (select count(*) from ({true}) every),
               (select count(*) from ({true} except all {ours}) missing),
               (select count(*) from ({ours} except all {true}) foreign_ones)"""  # noqa: S608
    return Compared(*session.execute(text(query), _values(query, final)).one())


def _mend(session: Session, final: int) -> None:
    """Only what differs is touched: whoever pays meanwhile waits for no more than that."""
    for table in reversed(list(FINAL)):
        _take_away(session, table, final)
    for table, final_ones in FINAL.items():
        names, key = _columns(table), _key(table)
        changed = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
        before, after = (", ".join(f"{of}.{name}" for name in names) for of in ("ours", "excluded"))
        query = f"""insert into public.{table} as ours select * from pg_temp.{table}
            where ({final_ones}) on conflict ({", ".join(key)}) do update set {changed}
            where row({before}) is distinct from row({after})"""  # noqa: S608
        session.execute(text(query), _values(query, final))
    _take_away(session, "published_figure", final)  # of which a cell that went left less than none


def _take_away(session: Session, table: str, final: int) -> None:
    ones = FINAL[table]  # a balance that has become nothing is none of them
    query = f"""delete from public.{table} ours where ({ones}) and not exists
        (select from pg_temp.{table} made where ({ones}) and {_same_key(table)})"""  # noqa: S608
    session.execute(text(query), _values(query, final))


def _same_key(table: str) -> str:
    return " and ".join(f"made.{name} = ours.{name}" for name in _key(table))


def _key(table: str) -> list[str]:
    return [column.name for column in metadata.tables[table].primary_key]


def _columns(table: str) -> list[str]:
    marks = MARKS.get(table, set())
    return [column.name for column in metadata.tables[table].columns if column.name not in marks]


def _values(query: str, final: int) -> dict[str, int]:
    return {"final": final} if ":final" in query else {}
