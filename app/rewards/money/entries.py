"""Writing the ledger: entries of one event, and the balances that are their sums.

Amounts are signed cents, negative where they lower an account.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.bulk import bytes_array, plain_array
from app.chain.contracts.events import At

Side = tuple[int, int, str, int]  # log index, side (0 from, 1 to), address, signed cents

_MAKE = text("""
    insert into balance (address, programme_chain_id, final_cents)
    select address, programme, 0
    from unnest(cast(:addresses as text[]), cast(:programmes as bytea[]))
        as made (address, programme)
    on conflict do nothing
""")
_LOCK = text("""
    select 1 from balance
    where (address, programme_chain_id) in (
        select * from unnest(cast(:addresses as text[]), cast(:programmes as bytea[]))
    )
    order by address collate "C", programme_chain_id for update
""")
_CHANGE = text("""
    update balance set final_cents = balance.final_cents + change.cents
    from (
        select address, sum(cents) as cents
        from unnest(cast(:addresses as text[]), cast(:cents as bigint[])) as line (address, cents)
        group by address
    ) as change
    where balance.address = change.address and balance.programme_chain_id = :programme
""")


_POST = text("""
    insert into ledger_entry (block_hash, log_index, side, block_number, block_time,
      programme_chain_id, address, kind, amount_cents, reference)
    select :hash, line.log_index, line.side, :number, :time, :programme, line.address,
      cast(:kind as text), line.cents, cast(:reference as bytea)
    from unnest(cast(:indexes as int[]), cast(:sides as int[]), cast(:addresses as text[]),
      cast(:cents as bigint[])) as line (log_index, side, address, cents)
""")


def moved(at: At, payer: str, payee: str, amount: int) -> list[Side]:
    """Both sides of a movement from `payer` to `payee`."""
    return [(at.log_index, 0, payer, -amount), (at.log_index, 1, payee, amount)]


def lock_balances(session: Session, accounts: Collection[tuple[str, bytes]]) -> None:
    """Make and lock the balance rows of (address, programme's chain id), in one fixed order."""
    if accounts:
        ordered = sorted(accounts)
        values = {
            "addresses": plain_array(address for address, _ in ordered),
            "programmes": bytes_array(programme for _, programme in ordered),
        }
        session.execute(_MAKE, values)
        session.execute(_LOCK, values)


class Moving(Protocol):
    """An event that moves tokens of one programme."""

    @property
    def at(self) -> At: ...

    @property
    def programme_id(self) -> bytes: ...


def post(
    session: Session, event: Moving, sides: Sequence[Side], *, kind: str, reference: bytes | None
) -> None:
    """Write entries and change balances; the database refuses where one would go below zero."""
    if not sides:
        return
    entries = {
        "hash": event.at.block_hash,
        "number": event.at.block_number,
        "time": event.at.block_time,
        "programme": event.programme_id,
        "kind": kind,
        "reference": reference,
        "indexes": plain_array(index for index, _, _, _ in sides),
        "sides": plain_array(side for _, side, _, _ in sides),
        "addresses": plain_array(address for _, _, address, _ in sides),
        "cents": plain_array(cents for _, _, _, cents in sides),
    }
    session.execute(_POST, entries)
    session.execute(_CHANGE, {name: entries[name] for name in ("addresses", "cents", "programme")})
