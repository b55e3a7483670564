"""What two officers found out about a deed, where the rules of its day ask for what it doesn't say.

A fact stands in the decision that brought it, and in the evaluation that looked at it. It never
changes what the deed itself says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, select, text, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action as Deed
from app.governance.models import Proposal, ProposalState
from app.rewards.language.action import Action
from app.rewards.language.open_ends import leaves

KIND = "deed-facts"
PLACES = ("start", "end")  # codes by their kind
FACTS = (
    *("distance_m", "seats", "contribution_cents", "revenue_cents"),
    *("other_adult", "proof_class"),
    *PLACES,
)
# How they are known.
SOURCES = ("papers", "attester", "partner", "register", "map")
_ENDS = {"start": ("start",), "end": ("end",)}


def asked(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """The facts of which a waiting deed's explanation says that they must be found out."""
    found = [fact for line in lines for fact in _asked(line["code"], line["values"])]
    return [fact for fact in FACTS if fact in found]


def _asked(code: str, values: Mapping[str, Any]) -> Iterator[str]:
    if code == "measure_to_find_out":
        yield values["of"]
    elif code == "to_find_out":
        for kind, said, _ in leaves(values["predicate"], ""):
            if kind == "adult":
                yield f"{said['who']}_adult"
            elif kind in ("in_zone", "same_zone", "same_code"):
                yield from _ENDS.get(said.get("end", ""), PLACES)
            else:
                yield kind


def found_of(session: Session, action_id: UUID) -> dict[str, Any]:
    """All that was found out about a deed, confirmed by a second officer; the later counts."""
    return found_by(session, [action_id]).get(action_id, {})


def found_by(session: Session, action_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Of several, in one query; of which nothing was found, nothing."""
    query = select(col(Proposal.subject), col(Proposal.payload)).where(
        col(Proposal.kind) == KIND,
        col(Proposal.subject).in_([str(one) for one in action_ids]),
        col(Proposal.state) == ProposalState.CONFIRMED,
    )
    found: dict[UUID, dict[str, Any]] = {}
    for subject, payload in session.execute(query.order_by(col(Proposal.id))):
        found.setdefault(UUID(subject), {}).update(payload.get("facts", {}))
    return found


def with_found(said: Action, found: Mapping[str, Any]) -> Action:
    """What the rules look at: the deed's own word first."""
    for name, value in found.items():
        own = getattr(said, name)
        if name in PLACES:
            setattr(said, name, {**value, **own})
        elif own is None:
            setattr(said, name, value)
    return said


def known_already(said: Action, found: Mapping[str, Any]) -> str | None:
    """The first of the facts that the deed says itself."""
    for name, value in found.items():
        own = getattr(said, name)
        if set(value) & set(own) if name in PLACES else own is not None:
            return name
    return None


def forget(session: Session, person_id: UUID) -> None:
    """Of a closed account's deeds only the decision stays, not what was found out."""
    own = select(cast(col(Deed.id), String)).where(col(Deed.person_id) == person_id)
    session.execute(
        update(Proposal)
        .where(col(Proposal.kind) == KIND, col(Proposal.subject).in_(own))
        .values(payload=text("payload - 'facts'"))
        .execution_options(synchronize_session=False)
    )
