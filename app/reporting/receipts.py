"""A settled deed's receipt: leaf, salt and both paths, to be checked by anybody, offline.

It holds the account's address, since the leaf does: whoever gets the receipt can link the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.errors import Problem, define
from app.impact.leaf import metric_values, month_of
from app.impact.nodes import (
    CellKey,
    Node,
    cell_hash,
    leaf_node,
    levels_over,
    siblings_of,
    sum_node,
)
from app.impact.trees import BatchTree, CellTree, SumPath, Sums
from app.privacy.service import salt_for
from app.reporting.export import chain_of
from app.reporting.models import PublishedCell
from app.reporting.verify.check import FORMAT
from app.rewards.batches.artefacts import leaves_of
from app.rewards.batches.leaves import cell_of, leaf_of
from app.rewards.models import Batch, CellPublication, Programme

ON_CHAIN = (ActionState.SETTLED, ActionState.REVERSED)

define(
    "receipt-not-yet",
    409,
    en=("There is no receipt yet", "The deed is not settled.", "Come back when it is credited."),
    fr=(
        "Pas encore de reçu",
        "Le geste n’est pas inscrit.",
        "Revenez quand il sera crédité.",
    ),
)


def receipt(
    session: Session, action: Action, deployment_file: Path, artefacts: Path
) -> dict[str, Any]:
    """The receipt as JSON. Raises Problem receipt-not-yet before the deed is settled."""
    if action.state not in ON_CHAIN or action.leaf is None:
        raise Problem("receipt-not-yet")
    leaf = _leaf(session, action)
    return {
        "format": FORMAT,
        "action": str(action.id),
        "state": action.state.value,
        "chain": chain_of(deployment_file),
        "erased": leaf is None,
        "leaf": leaf,
        "leaf_hash": "0x" + action.leaf.hex(),
        "credited": _credited(session, action, artefacts),
        "counted": _counted(session, action),
    }


def _leaf(session: Session, action: Action) -> dict[str, Any] | None:
    """What the leaf hashes; None once the person's key, and so the salt, is gone."""
    try:
        salt = salt_for(session, action.person_id, action.id)
    except Problem as problem:
        if problem.code != "data-erased":
            raise
        return None
    return leaf_of(action, salt).to_json()


def _credited(session: Session, action: Action, artefacts: Path) -> dict[str, Any]:
    """The way from the leaf to the root of its batch."""
    batch = session.get_one(Batch, action.batch_id)
    programme = session.get_one(Programme, batch.programme_id)
    leaves = leaves_of(session, artefacts, batch)
    index = action.leaf_index or 0
    return {
        "programme": "0x" + programme.chain_id.hex(),
        "batch": "0x" + batch.id.hex(),
        "root": "0x" + batch.root.hex(),
        "index": index,
        "count": batch.action_count,
        "path": ["0x" + sibling.hex() for sibling in BatchTree(leaves).path(index)],
        "block": batch.block_number,
    }


def _counted(session: Session, action: Action) -> dict[str, Any] | None:
    """The way from the leaf to the published sums; None while its cell is kept back, and where a
    restore lost deeds that it counts."""
    if action.published_period is None or action.leaf is None:
        return None
    key = (action.programme_id, action.published_period)
    publication = session.get(CellPublication, key)
    if publication is None or publication.final_at is None:
        return None
    path = sum_path(session, action, publication)
    if "0x" + path.cell_root.hex() != publication.cells[path.cell_index]["root"]:
        return None
    return {
        "period": publication.period,
        "sum_root": "0x" + publication.sum_root.hex(),
        "path": path.to_json(),
        "block": _block(session, action, publication),
    }


def _block(session: Session, action: Action, publication: CellPublication) -> int | None:
    programme = session.get_one(Programme, action.programme_id)
    return session.scalar(
        select(col(PublishedCell.block_number)).where(
            col(PublishedCell.programme_chain_id) == programme.chain_id,
            col(PublishedCell.period) == publication.period,
            col(PublishedCell.position) == 0,
        )
    )


def sum_path(session: Session, action: Action, publication: CellPublication) -> SumPath:
    """Its own cell's leaves are read; of the others, what was published is enough."""
    key = cell_of(action, correction=False)
    own = CellTree(key, [_node(found) for found in _of_cell(session, action)])
    keys = [_key(cell) for cell in publication.cells]
    nodes = [
        Node(cell_hash(one, bytes.fromhex(cell["root"][2:])), _sums(cell))
        for one, cell in zip(keys, publication.cells, strict=True)
    ]
    leaf_index, siblings = own.path(action.leaf or b"")
    return SumPath(
        cell=key,
        cell_root=own.root,
        cell_sums=own.sums,
        leaf_index=leaf_index,
        leaf_siblings=tuple(siblings),
        cell_index=keys.index(key),
        cell_count=len(keys),
        cell_siblings=tuple(siblings_of(levels_over(nodes, sum_node), keys.index(key))),
    )


def _of_cell(session: Session, action: Action) -> list[Action]:
    """All deeds that the same cell counts."""
    query = select(Action).where(
        col(Action.programme_id) == action.programme_id,
        col(Action.published_period) == action.published_period,
        col(Action.action_type_id) == action.action_type_id,
        col(Action.action_type_version) == action.action_type_version,
        col(Action.proof_level) == action.proof_level,
    )
    month = month_of(action.deed_day)
    return [found for found in session.scalars(query) if month_of(found.deed_day) == month]


def _node(action: Action) -> Node:
    metrics = metric_values(action.metrics)
    return leaf_node(action.leaf or b"", reward_cents=action.reward_cents, metrics=metrics)


def _key(cell: Mapping[str, Any]) -> CellKey:
    return CellKey(
        cell["action_type_id"],
        cell["action_type_version"],
        cell["proof_level"],
        cell["month"],
        cell["correction"],
    )


def _sums(cell: Mapping[str, Any]) -> Sums:
    return Sums(cell["actions"], cell["reward"], tuple(cell["metrics"]))
