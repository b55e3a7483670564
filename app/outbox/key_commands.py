"""`civis outbox`: keys, nodes and incidents."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.as_json import AS_JSON, answer
from app.chain.edge import Edge
from app.chain.errors import AlreadyKnown, ChainError
from app.chain.rpc.client import ChainClient
from app.chain.rpc.nodes import labelled
from app.chain.sending import adopting
from app.outbox import operator, standing
from app.outbox.command_parts import REASON, by_whom, deed, edge_of, work
from app.outbox.models import ChainTransaction, Incident
from app.outbox.operator import NotPossibleError
from app.outbox.pauses import paused
from app.outbox.standing import KeyStanding

_KEY = click.argument("signer", metavar="KEY")


@click.command()
@AS_JSON
def keys(*, as_json: bool) -> None:
    """Each key: its last nonce in our rows and by the chain, what isn't mined, what waits."""
    with work() as (parts, session, _now):
        found = standing.keys(session)
        try:
            edge: Edge | None = edge_of(parts)
        except NotPossibleError:
            edge = None
        rows = [_key(one, edge) for one in found]
    lines = [_key_line(row) for row in rows] or ["No key has sent anything."]
    answer(rows, *lines, as_json=as_json)


def _key(found: KeyStanding, edge: Edge | None) -> dict[str, Any]:
    oldest, pause = found.oldest_unmined, found.pause
    return {
        "key": found.signer,
        "address": found.address,
        "last_nonce": found.last_nonce,
        "next_nonce_by_the_chain": _by_the_chain(found, edge),
        "oldest_unmined_nonce": oldest.nonce if oldest else None,
        "oldest_unmined_since": oldest.signed_at.isoformat() if oldest else None,
        "waiting": found.waiting,
        "held": found.held,
        "waits_until": found.waits_until.isoformat() if found.waits_until else None,
        "paused": {"at": pause.at.isoformat(), "reason": pause.reason} if pause else None,
    }


def _by_the_chain(found: KeyStanding, edge: Edge | None) -> int | None:
    """None when it can't be asked."""
    if edge is None or found.address is None:
        return None
    try:
        return edge.client.nonce(found.address)
    except ChainError:
        return None


def _key_line(row: dict[str, Any]) -> str:
    chain = row["next_nonce_by_the_chain"]
    parts = [f"{row['key']}: last nonce {row['last_nonce']}"]
    parts.append("the chain can't be asked" if chain is None else f"next by the chain {chain}")
    if row["oldest_unmined_nonce"] is not None:
        parts.append(f"unmined {row['oldest_unmined_nonce']} since {row['oldest_unmined_since']}")
    parts.append(f"{row['waiting']} wait, {row['held']} held")
    if row["waits_until"]:
        parts.append(f"the chain refuses until {row['waits_until']}")
    if row["paused"]:
        parts.append(f"PAUSED {row['paused']['reason']}")
    return ", ".join(parts)


@click.command()
@_KEY
@REASON
@AS_JSON
def pause(*, signer: str, reason: str, as_json: bool) -> None:
    """Let a key send nothing from the next round on, neither new nor again."""
    with deed() as (_parts, session, now):
        operator.pause_key(session, signer, by_whom(reason), now)
    answer({"key": signer, "paused": True}, f"{signer} is paused.", as_json=as_json)


@click.command()
@_KEY
@REASON
@AS_JSON
def resume(*, signer: str, reason: str, as_json: bool) -> None:
    """Let a paused key go on at the next round; what was reported about it counts as seen."""
    with deed() as (_parts, session, now):
        operator.resume_key(session, signer, by_whom(reason), now)
    answer({"key": signer, "paused": False}, f"{signer} goes on.", as_json=as_json)


@click.command()
@_KEY
@REASON
@AS_JSON
def fill(*, signer: str, reason: str, as_json: bool) -> None:
    """Bring a paused key's nonces in line with the chain: what strangers used is written down, what
    they took from us goes out anew, and what no row has, or else the lowest that isn't mined, is
    filled with nothing."""
    with deed() as (parts, session, now):
        operator.check_key(signer)
        if signer not in paused(session):
            raise NotPossibleError(f"Pause {signer} first: `civis outbox pause {signer}`.")
        address = _address(session, signer)
        by = by_whom(reason)
        try:
            done = adopting.fill(session, edge_of(parts), signer, address, by.words)
        except ChainError as error:
            raise NotPossibleError(f"The chain can't be asked: {error}") from error
        said = _filled(done)
        operator.note_filled(session, signer, by, said, now)
    answer(asdict(done), f"{said}. Now `civis outbox resume {signer}`.", as_json=as_json)


def _filled(done: adopting.Filled) -> str:
    parts = [f"strangers used {list(done.strangers)}" if done.strangers else ""]
    parts.append(f"they took {list(done.taken)} from us" if done.taken else "")
    parts.append(f"{list(done.missing)}, which no row had, are filled" if done.missing else "")
    parts.append("" if done.filling is None else f"nonce {done.filling} is filled with nothing")
    return "; ".join(part for part in parts if part) or "nothing to fill"


def _address(session: Session, signer: str) -> str:
    """The one that signed last: a new key's nonces begin at 0."""
    newest = select(col(ChainTransaction.signer_address)).where(
        col(ChainTransaction.signer) == signer
    )
    found = session.scalars(newest.order_by(col(ChainTransaction.id).desc()).limit(1)).first()
    if found is None:
        raise NotPossibleError(f"The key {signer} has never sent anything.")
    return found


@click.command()
@_KEY
@REASON
@AS_JSON
def rebroadcast(*, signer: str, reason: str, as_json: bool) -> None:
    """Hand the stored bytes of what isn't mined to every node again; the same bytes can't count
    twice."""
    with deed() as (parts, session, now):
        operator.check_key(signer)
        unmined = standing.unmined_of(session, signer)
        client = edge_of(parts).client
        told = {
            label: [_hand_over(client, url, row) for row in unmined]
            for label, url in labelled(client.urls).items()
        }
        operator.note_rebroadcast(session, signer, by_whom(reason), len(unmined), now)
    lines = [f"{label}: {', '.join(said) or 'nothing to send'}" for label, said in told.items()]
    answer(told, *lines, as_json=as_json)


def _hand_over(client: ChainClient, url: str, row: ChainTransaction) -> str:
    one = ChainClient(
        [url],
        chain_id=client.chain_id,
        genesis_hash=client.genesis_hash,
        tokens=client.tokens,
    )
    try:
        one.send_raw(row.filler_raw or row.raw)
    except AlreadyKnown:
        return f"nonce {row.nonce} known"
    except ChainError as error:
        return f"nonce {row.nonce} refused: {error}"
    return f"nonce {row.nonce} taken"


@click.command()
@AS_JSON
def nodes(*, as_json: bool) -> None:
    """What the watch saw of each node last."""
    with work() as (_parts, session, _now):
        rows = [
            {
                "node": one.label,
                "head": one.head_number,
                "answered_at": one.answered_at.isoformat() if one.answered_at else None,
                "low_since": one.low_since.isoformat() if one.low_since else None,
                "trouble": one.trouble,
            }
            for one in standing.nodes(session)
        ]
    lines = [
        f"{row['node']}: block {row['head']}, answered {row['answered_at']}"
        + (f", {row['trouble']}" if row["trouble"] else "")
        for row in rows
    ] or ["No node was looked at yet."]
    answer(rows, *lines, as_json=as_json)


@click.command()
@AS_JSON
def incidents(*, as_json: bool) -> None:
    """What must never be normal and nobody has looked at, newest first."""
    with work() as (_parts, session, _now):
        rows = [_incident(one) for one in standing.incidents(session)]
    lines = [f"{row['id']} {row['at']} {row['code']}: {row['detail']}" for row in rows]
    answer(rows, *(lines or ["There is none."]), as_json=as_json)


def _incident(one: Incident) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "at": one.at.isoformat(),
        "code": one.code,
        "detail": one.detail,
        "reference": one.reference,
    }


@click.command()
@click.argument("incident_id", type=click.UUID, metavar="ID")
@REASON
@AS_JSON
def acknowledge(*, incident_id: UUID, reason: str, as_json: bool) -> None:
    """Say that somebody looked at an incident; what it stopped goes on at the next round."""
    with deed() as (_parts, session, now):
        row = _incident(operator.acknowledge(session, incident_id, by_whom(reason), now))
    answer(row, "It counts as seen.", as_json=as_json)
