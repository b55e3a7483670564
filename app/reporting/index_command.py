"""`civis index`: whether what we made of the chain is what the chain says, read from zero."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

import click
from sqlalchemy.exc import ProgrammingError

from app.as_json import AS_JSON, answer
from app.chain.edge import Edge
from app.chain.errors import ChainError
from app.config import ConfigError, DatabaseRole, Settings
from app.outbox.command_parts import REASON, by_whom, edge_of
from app.outbox.leases import Fence, acquire
from app.outbox.operator import NotPossibleError, record
from app.reporting.completeness.proving import prove
from app.reporting.projecting import Compared, check_again
from app.reporting.telling import tell_quarantined
from app.services import Services, connect, connect_to_change

LEASE = 600  # seconds after which a second reader may begin although this one has not ended


@click.group()
def command() -> None:
    """Read the chain again from its first block, beside what was read as it grew."""


@command.command()
@AS_JSON
def check(*, as_json: bool) -> None:
    """Compare every row that is made of the chain's events with what reading them again makes.

    As the tables' owner, like `civis migrate`, in temporary tables: nothing is changed. Exit code 1
    where anything differs.
    """
    with _work(DatabaseRole.MIGRATOR, enter=connect) as (edge, fence):
        final, found = check_again(edge, fence)
    _say(final, found, as_json=as_json)
    sys.exit(0 if all(one.same for one in found.values()) else 1)


@command.command()
@REASON
@AS_JSON
def rebuild(*, reason: str, as_json: bool) -> None:
    """Make those rows anew from the chain: what differs is replaced, in one transaction.

    The workers may go on meanwhile.
    """
    by = by_whom(reason)
    with _work(DatabaseRole.MIGRATOR) as (edge, fence):
        final, found = check_again(edge, fence, mend=True)
        changed = sum(one.missing + one.foreign for one in found.values())
        with edge.database.transaction() as session:
            detail = f"up to block {final}, {changed} rows were others, {by.words}"
            record(session, "index_rebuilt", detail, str(final), edge.clock.now(session))
    _say(final, found, as_json=as_json)


@command.command()
@REASON
@AS_JSON
def tell(*, reason: str, as_json: bool) -> None:
    """Tell batches, payments, programmes of what was quarantined and is understood now.

    After `rebuild` and `prove`. Exit code 1 where something still is not understood.
    """
    by = by_whom(reason)
    with _work(DatabaseRole.APP) as (edge, _fence):
        found = tell_quarantined(edge, by)
    lines = [f"{one.place} {one.event or '?'}: {one.why or 'told'}" for one in found]
    none = ["Nothing is in quarantine."]
    answer([asdict(one) for one in found], *(lines or none), as_json=as_json)
    sys.exit(1 if any(one.why for one in found) else 0)


@command.command("prove")
@AS_JSON
def prove_now(*, as_json: bool) -> None:
    """Hold our books against the chain at the final block, over all accounts; the proof is kept.

    Exit code 1 where they differ: pay-outs then wait until a proof holds.
    """
    with _work(DatabaseRole.APP) as (edge, fence):
        folder = Settings.from_env(os.environ).kept.artefacts
        proof = prove(edge, fence, folder, whole=True)
    said = {
        "holds": proof.holds,
        "block": proof.block_number,
        "accounts": proof.accounts,
        "difference": proof.difference,
        "artefact": str(folder / proof.artefact),
        "sha256": proof.sha256.hex(),
    }
    words = "agree" if proof.holds else f"differ: {proof.difference}"
    line = f"At block {proof.block_number}, {proof.accounts} accounts: they {words}"
    answer(said, line, f"{said['artefact']} {said['sha256']}", as_json=as_json)
    sys.exit(0 if proof.holds else 1)


@contextmanager
def _work(
    role: DatabaseRole, *, enter: Callable[..., Services] = connect_to_change
) -> Iterator[tuple[Edge, Fence]]:
    parts = enter(Settings.from_env(os.environ), role=role, name="civis index")
    try:
        edge = edge_of(parts)
        with parts.database.transaction() as session:
            fence = acquire(session, "index-again", f"civis index {os.getpid()}", LEASE)
        if fence is None:
            raise ConfigError("Somebody reads the chain again already.")
        try:
            yield edge, fence
        finally:  # also where it could not be read: the next may begin at once
            with parts.database.transaction() as session:
                acquire(session, fence.name, fence.holder, 0)
    except (NotPossibleError, ChainError) as error:
        raise ConfigError(f"The chain can't be read again: {error}") from error
    except ProgrammingError as error:
        raise ConfigError(f"This database role may not do that: {error.orig}") from error
    finally:
        parts.database.dispose()


def _say(final: int, found: Mapping[str, Compared], *, as_json: bool) -> None:
    rows = {
        name: {"rows": one.rows, "missing": one.missing, "foreign": one.foreign}
        for name, one in found.items()
    }
    lines = [f"Read from zero up to block {final}:"]
    for name, one in found.items():
        said = "the same" if one.same else f"{one.missing} missing, {one.foreign} foreign"
        lines.append(f"  {name:<16} {one.rows:>9,} rows, {said}")
    answer({"final_block": final, "tables": rows}, *lines, as_json=as_json)
