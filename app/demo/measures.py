"""What a run of the demo came to, in numbers: from the books, as the audit has compared them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.models import Action, ActionState
from app.demo.world import World
from app.impact.entries import METRICS
from app.merchants.models import PaymentOrder, PayOut, Refund
from app.outbox.models import ChainTransaction, TransactionState
from app.rewards.models import Batch, BatchState

_METRIC_SUMS = text("""
    select key, sum(value::bigint) from action, jsonb_each_text(metrics)
    where state = 'settled' group by key
""")


def measures(world: World) -> dict[str, Any]:
    """Counts, cents, metrics in their units, and gas."""
    with world.parts.database.session() as session:
        return {
            "simulated": True,
            "actions": _actions(session),
            "tokens_cents": _tokens(session),
            "metrics": _metrics(session),
            "chain": _chain(session),
        }


def _actions(session: Session) -> dict[str, int]:
    rows = session.execute(select(col(Action.state), func.count()).group_by(col(Action.state)))
    by_state = {state: int(count) for state, count in rows.all()}
    return {
        "recorded": sum(by_state.values()),
        "refused": by_state.get(ActionState.REFUSED, 0),
        "settled": by_state.get(ActionState.SETTLED, 0),
        "reversed": by_state.get(ActionState.REVERSED, 0),
    }


def _tokens(session: Session) -> dict[str, int]:
    """Final on the chain only."""
    final = col(Batch.state) == BatchState.FINAL
    minted = select(func.sum(col(Batch.reward_cents))).where(final)
    paid = select(func.sum(col(PaymentOrder.amount_cents))).where(
        col(PaymentOrder.settled_at).is_not(None)
    )
    refunded = select(func.sum(col(Refund.amount_cents))).where(col(Refund.settled_at).is_not(None))
    paid_out = select(func.sum(col(PayOut.gross_cents))).where(col(PayOut.burned_at).is_not(None))
    sums = {"minted": minted, "paid": paid, "refunded": refunded, "paid_out": paid_out}
    return {name: int(session.scalar(query) or 0) for name, query in sums.items()}


def _metrics(session: Session) -> dict[str, int]:
    found = {name: int(total) for name, total in session.execute(_METRIC_SUMS).all()}
    return {name: found.get(name, 0) for name in METRICS}


def _chain(session: Session) -> dict[str, Any]:
    """Transactions that are final, and the gas they used, by what they carried."""
    rows = session.execute(
        select(col(ChainTransaction.kind), func.count(), func.sum(col(ChainTransaction.gas_used)))
        .where(col(ChainTransaction.state) == TransactionState.FINAL)
        .group_by(col(ChainTransaction.kind))
        .order_by(col(ChainTransaction.kind))
    ).all()
    return {
        "transactions": sum(int(count) for _, count, _ in rows),
        "gas": sum(int(gas or 0) for _, _, gas in rows),
        "by_kind": {kind: {"transactions": int(n), "gas": int(g or 0)} for kind, n, g in rows},
    }
