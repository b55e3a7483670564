"""Publishing a period's cells: public sums of settled actions, none of fewer than five people.

What a group holds under five people is kept back until it has five; so are corrections. The public
identity, which the registry enforces: actions and reward over all cells (corrections apart) + kept
back = over all batches. Kept back counts every batch announced before this publication, and the
minter sends in order, so the numbers agree when the call executes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.impact.leaf import metric_values
from app.impact.nodes import CellKey, Node, leaf_node
from app.impact.trees import CellTree, PeriodTree
from app.outbox.service import enqueue
from app.rewards.batches.batching import lock_order
from app.rewards.batches.choosing import LIVE
from app.rewards.batches.leaves import cell_of
from app.rewards.models import Batch, CellPublication, Programme
from app.rewards.valuing.vouched import count_vouched

FEWEST_PEOPLE = 5
MOST_CELLS = 300  # of one call: below the gas of a transaction
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Groups = Mapping[CellKey, list[Action]]


def publish_cells(session: Session, programme: Programme, now: datetime) -> CellPublication | None:
    """Freeze and announce the cells of the period that ended last; None when there is nothing.

    The caller commits. Once per period; what comes too late for it waits for the next.
    """
    lock_order(session)
    period = period_of(programme, now) - 1
    last = last_period(session, programme)
    if period < 1 or (last is not None and period <= last):
        return None
    groups = publishable(session, programme, period_end(programme, period))
    if not groups:
        return None
    publication = _publication(session, programme, period, groups, now)
    session.add(publication)
    session.flush()
    for key, actions in groups.items():
        mark_published(session, actions, period, correction=key.correction)
    count_vouched(session, publication, FEWEST_PEOPLE)
    _announce(session, publication, programme, now)
    return publication


def period_of(programme: Programme, now: datetime) -> int:
    """The number of the period that is running: spans since 1970."""
    return int((now - EPOCH).total_seconds()) // programme.period_seconds


def period_end(programme: Programme, period: int) -> datetime:
    return EPOCH + timedelta(seconds=(period + 1) * programme.period_seconds)


def last_period(session: Session, programme: Programme) -> int | None:
    """The last period announced, also when the chain refused it: numbers only grow."""
    query = select(func.max(col(CellPublication.period)))
    return session.scalar(query.where(col(CellPublication.programme_id) == programme.id))


def publishable(session: Session, programme: Programme, until: datetime) -> Groups:
    """By cell: what batches made final before `until`, in no cell yet, of five people or more."""
    settled = select(Action).join(Batch, col(Batch.id) == col(Action.batch_id))
    settled = settled.where(
        col(Action.programme_id) == programme.id, col(Batch.final_at) < until
    ).with_for_update(of=Action)
    new = settled.where(
        col(Action.state) == ActionState.SETTLED, col(Action.published_period).is_(None)
    )
    reversed_ = settled.where(
        col(Action.state) == ActionState.REVERSED,
        col(Action.reversed_at) < until,
        col(Action.published_period).is_not(None),
        col(Action.reversal_published_period).is_(None),
    )
    groups = _grouped(session.scalars(new), correction=False)
    groups |= _grouped(session.scalars(reversed_), correction=True)
    enough = {key: found for key, found in groups.items() if _people(found) >= FEWEST_PEOPLE}
    return {key: enough[key] for key in sorted(enough)[:MOST_CELLS]}


def tree_of(groups: Groups) -> PeriodTree:
    """The period's tree; an action's leaf is the one that its batch committed to."""
    return PeriodTree([CellTree(key, [_node(a) for a in found]) for key, found in groups.items()])


def outstanding(session: Session, programme: Programme) -> tuple[int, int]:
    """Actions and reward of all batches that are in no cell, whatever has become of them."""
    batches = select(
        func.coalesce(func.sum(col(Batch.action_count)), 0),
        func.coalesce(func.sum(col(Batch.reward_cents)), 0),
    ).where(col(Batch.programme_id) == programme.id, col(Batch.state).in_(LIVE))
    published = select(func.count(), func.coalesce(func.sum(col(Action.reward_cents)), 0)).where(
        col(Action.programme_id) == programme.id, col(Action.published_period).is_not(None)
    )
    lost = select(
        func.coalesce(func.sum(col(CellPublication.lost_actions)), 0),
        func.coalesce(func.sum(col(CellPublication.lost_reward_cents)), 0),
    ).where(
        col(CellPublication.programme_id) == programme.id, col(CellPublication.failed_at).is_(None)
    )
    all_actions, all_reward = session.execute(batches).one()
    in_cells, reward_in_cells = session.execute(published).one()
    gone, reward_gone = session.execute(lost).one()
    actions = int(all_actions) - int(in_cells) - int(gone)
    return actions, int(all_reward) - int(reward_in_cells) - int(reward_gone)


def mark_published(
    session: Session, actions: Iterable[Action], period: int | None, *, correction: bool
) -> None:
    """Note which period's cells count (or take back) these actions; None: none does."""
    column = "reversal_published_period" if correction else "published_period"
    session.execute(
        update(Action)
        .where(col(Action.id).in_([action.id for action in actions]))
        .values({column: period})
        .execution_options(synchronize_session=False)
    )


def _publication(
    session: Session, programme: Programme, period: int, groups: Groups, now: datetime
) -> CellPublication:
    tree = tree_of(groups)
    actions, reward = outstanding(session, programme)
    counted = [a for key, found in groups.items() if not key.correction for a in found]
    return CellPublication(
        programme_id=programme.id,
        period=period,
        sum_root=tree.sum_root,
        cells=[_cell(cell) for cell in tree.cells],
        kept_back_actions=actions - len(counted),
        kept_back_reward_cents=reward - sum(action.reward_cents for action in counted),
        created_at=now,
    )


def _announce(
    session: Session, publication: CellPublication, programme: Programme, now: datetime
) -> None:
    cells = [cell | {"root": bytes.fromhex(cell["root"][2:])} for cell in publication.cells]
    enqueue(
        session,
        kind="publish_cells",
        key=f"{programme.chain_id.hex()}:{publication.period}",
        payload={
            "programme_id": programme.chain_id,
            "period": publication.period,
            "sum_root": publication.sum_root,
            "cells": cells,
            "kept_back_actions": publication.kept_back_actions,
            "kept_back_reward": publication.kept_back_reward_cents,
        },
        now=now,
    )


def _cell(cell: CellTree) -> dict[str, Any]:
    """As the registry takes it, and as it is stored: integers, the root as 0x hex."""
    key, sums = cell.key, cell.sums
    return {
        "action_type_id": key.action_type,
        "action_type_version": key.action_type_version,
        "proof_level": key.proof_level,
        "month": key.month,
        "correction": key.correction,
        "actions": sums.actions,
        "reward": sums.reward_cents,
        "metrics": list(sums.metrics),
        "root": "0x" + cell.root.hex(),
    }


def _grouped(actions: Iterable[Action], *, correction: bool) -> dict[CellKey, list[Action]]:
    groups: dict[CellKey, list[Action]] = defaultdict(list)
    for action in actions:
        groups[cell_of(action, correction=correction)].append(action)
    return dict(groups)


def _people(actions: Iterable[Action]) -> int:
    return len({action.person_id for action in actions})


def _node(action: Action) -> Node:
    if action.leaf is None:
        raise ValueError(f"action {action.id} is settled and has no leaf")
    metrics = metric_values(action.metrics)
    return leaf_node(action.leaf, reward_cents=action.reward_cents, metrics=metrics)
