"""How things stand between our books and the chain: the operator's page. It only shows; what is
decided is decided by `civis outbox`, with a reason."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.chain.models import ChainBlock, ChainCursor
from app.context import db_session
from app.identity.models import Role
from app.outbox import operator, standing
from app.outbox.models import ChainNode, Incident, OutboxItem
from app.outbox.standing import KeyStanding
from app.reporting.completeness.models import CompletenessProof
from app.reporting.completeness.proving import newest
from app.security import principal, requires
from app.web import formats
from app.web.office import chain_words
from app.web.office.incident_words import marked
from app.web.office.overview import blueprint
from app.web.office.refusal_words import refusal
from app.web.shell import page

MOST = 50


@blueprint.get("/office/chain")
@requires(Role.OFFICER, Role.OPERATOR)
def chain() -> Response:
    session = db_session()
    return page(
        "office/chain.html",
        officer=principal().has(Role.OFFICER),
        incidents=[_incident(one) for one in standing.incidents(session)[:MOST]],
        keys=[_key(one) for one in standing.keys(session)],
        rows=[_row(one) for one in operator.unsettled(session)[:MOST]],
        nodes=[_node(one) for one in standing.nodes(session)],
        reading=_reading(session),
        proof=_proof(newest(session)),
    )


def _reading(session: Session) -> SimpleNamespace | None:
    """How far our books are, in blocks and seconds, behind the newest block that a node showed; not
    when they have read further since: nodes are looked at by another job, at other moments."""
    cursors = {one.name: one for one in session.scalars(select(ChainCursor))}
    heads = [
        (one.head_number, one.head_time) for one in standing.nodes(session)
        if one.head_number is not None and one.head_time is not None
    ]  # fmt: skip
    if not cursors or not heads:
        return None
    seen, (newest, made) = cursors["seen"], max(heads)
    block = session.get(ChainBlock, seen.hash)
    late = (made - block.block_time).total_seconds() if block is not None else 0
    return SimpleNamespace(
        seen=formats.whole(seen.number),
        final=formats.whole(cursors["final"].number),
        blocks=formats.whole(newest - seen.number) if newest >= seen.number else None,
        seconds=formats.whole(max(0, round(late))),
    )


def _proof(one: CompletenessProof | None) -> SimpleNamespace | None:
    if one is None:
        return None
    return SimpleNamespace(
        holds=one.holds,
        block=formats.whole(one.block_number),
        when=formats.moment(one.at),
        accounts=formats.whole(one.accounts),
        difference=marked(one.difference or ""),
        artefact=one.artefact,
        sha256=one.sha256.hex(),
    )


def _incident(one: Incident) -> SimpleNamespace:
    what, when = chain_words.incident(one.code), formats.moment(one.at)
    return SimpleNamespace(what=what, code=one.code, when=when, detail=marked(one.detail))


def _key(one: KeyStanding) -> SimpleNamespace:
    return SimpleNamespace(
        signer=one.signer,
        waiting=one.waiting,
        held=one.held,
        until=_moment(one.waits_until),
        unmined_since=_moment(one.oldest_unmined.signed_at if one.oldest_unmined else None),
        pause=marked(one.pause.reason) if one.pause else None,
    )


def _row(one: OutboxItem) -> SimpleNamespace:
    return SimpleNamespace(
        id=str(one.id),
        what=chain_words.KINDS[one.kind],
        state=chain_words.STATES[one.state.value],
        since=formats.moment(one.created_at),
        why=refusal(one.last_error or ""),
        refused=one.last_error or "",
        until=_moment(one.waits_until),
    )


def _node(one: ChainNode) -> SimpleNamespace:
    return SimpleNamespace(
        label=one.label,
        head="–" if one.head_number is None else formats.whole(one.head_number),
        answered=_moment(one.answered_at) or "–",
        trouble=marked(one.trouble) if one.trouble else None,
        low=one.low_since is not None,
    )


def _moment(value: Any) -> str:
    return formats.moment(value) if value is not None else ""
