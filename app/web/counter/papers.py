"""Pages to print at the counter: the receipt of a permission, the proof of a deed.

Both in words, and in pieces that `civis verify` reads after scanning or typing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Response

from app.context import db_session, now, services
from app.errors import Problem
from app.identity.api.cards import own_visit
from app.identity.cards.models import CounterVisit
from app.identity.models import Role
from app.reporting.verify import consent, paper
from app.rights.at_counter import deed_of, hand_consent, hand_proof
from app.security import requires
from app.web import formats
from app.web.counter.rights import show_rights
from app.web.counter.visits import blueprint
from app.web.parts import qr_svg
from app.web.shell import page
from app.web.telling import consent_words, deeds
from app.web.words import gettext as _


@blueprint.get("/counter/visits/<uuid:visit_id>/rights/consents/<uuid:consent_id>/paper")
@requires(Role.OFFICER)
def consent_paper(visit_id: UUID, consent_id: UUID) -> Response:
    """Every field of the record, and the signature over it."""

    def made(visit: CounterVisit) -> dict[str, Any]:
        signed = hand_consent(db_session(), visit, consent_id, services().settings, now())
        record = consent.said_by(signed)["record"]
        return {
            "title": _("Receipt of a permission"),
            "groups": consent_words.groups(record),
            "digest": sha256(signed.encode()).hexdigest(),
            "pieces": _pieces(consent.on_paper(signed)),
        }

    return _printed(visit_id, made)


@blueprint.get("/counter/visits/<uuid:visit_id>/rights/deeds/<uuid:action_id>/paper")
@requires(Role.OFFICER)
def deed_paper(visit_id: UUID, action_id: UUID) -> Response:
    """The deed, where it stands on the chain, and the way there."""

    def made(visit: CounterVisit) -> dict[str, Any]:
        found = hand_proof(db_session(), visit, action_id, services().settings)
        text = json.dumps(found, separators=(",", ":"))
        return {
            "title": _("Proof of a deed"),
            "groups": [*_deed(visit, action_id), _on_chain(found)],
            "names_account": True,
            "digest": sha256(text.encode()).hexdigest(),
            "pieces": _pieces(text.encode()),
        }

    return _printed(visit_id, made)


def _printed(visit_id: UUID, made: Callable[[CounterVisit], dict[str, Any]]) -> Response:
    try:
        visit = own_visit(visit_id)
        content = made(visit)
    except Problem as problem:
        db_session().rollback()
        return show_rights(visit_id, problem)
    at = formats.moment(now())
    shown = page("counter/paper.html", visit_id=visit.id, printed_at=at, **content)
    db_session().commit()  # handing out is recorded, though this is a GET
    return shown


def _pieces(content: bytes) -> list[SimpleNamespace]:
    return [SimpleNamespace(text=one, qr=qr_svg(one)) for one in paper.pieces(content)]


def _deed(visit: CounterVisit, action_id: UUID) -> list[SimpleNamespace]:
    """What it is, and why it brought what it did."""
    one = deeds.in_detail(deed_of(db_session(), visit, action_id), now())
    lines = [
        (_("Deed"), one.what),
        (_("When"), one.when),
        (_("State"), one.state_words),
        (_("Reward"), one.reward),
        (_("How it is known"), one.proof_words),
        (_("Programme"), one.programme.name),
    ]
    groups = [SimpleNamespace(title=_("The deed"), lines=lines)]
    if one.why:
        said = [(row.reason, row.amount) for row in one.why.rows]
        lines = [*said, (_("Sum"), one.why.total)]
        groups.append(SimpleNamespace(title=_("Why this amount"), lines=lines))
    return groups


def _on_chain(found: dict[str, Any]) -> SimpleNamespace:
    credited, counted = found["credited"], found["counted"]
    lines = [
        (_("Leaf"), found["leaf_hash"]),
        (_("Batch"), credited["batch"]),
        (_("Root of the batch"), credited["root"]),
        (_("Block"), credited["block"]),
        (_("Root of the published sums"), counted["sum_root"] if counted else _("not yet")),
        (_("Chain"), found["chain"]["chain_id"]),
    ]
    return SimpleNamespace(title=_("On the chain"), lines=lines)
