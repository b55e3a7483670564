"""Whether everything that people were promised is in exactly one place between deed and chain.

Each question counts what contradicts the books; nothing is mended here. Rows of the outbox and
what the indexer writes become final apart, so what differs only for a short while, or in one round
and not in the next, is none of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.outbox.leases import Fence
from app.outbox.service import incident_passed, report_incident
from app.reporting.completeness.proving import prove_if_due
from workers.context import Workshop
from workers.stalled import LONGEST_SELDOM, OFTEN, SELDOM, check_jobs

CODE = "books_contradict"
RECENT = timedelta(days=2)  # batches that are final for longer were looked at often enough
SETTLES_WITHIN = timedelta(minutes=15)  # from a final transaction to what the indexer writes

QUESTIONS: dict[str, str] = {
    "a deed is batched, and its batch is none that is on its way": """
        select count(*) from action a join batch b on b.id = a.batch_id
        where a.state = 'batched' and b.state not in ('frozen', 'failed')""",
    "a deed is settled, and its batch is not final": """
        select count(*) from action a join batch b on b.id = a.batch_id
        where a.state in ('settled', 'reversed') and b.state <> 'final'""",
    "a deed waits for a batch, and one that is on its way holds it": """
        select count(*) from action a join batch b on b.id = a.batch_id
        where a.state in ('authenticated', 'recorded', 'quarantined')
          and (b.state = 'frozen' or b.state = 'final' and b.created_at > :recent)""",
    "a batch holds another number of deeds than it says": """
        select count(*) from batch b
        where (b.state = 'frozen' or b.state = 'final' and b.created_at > :recent)
          and b.action_count - b.lost_actions
            <> (select count(*) from action a where a.batch_id = b.id)""",
    "a batch is on its way, and nothing will send it": """
        select count(*) from batch b where b.state = 'frozen' and not exists (
          select from outbox_item o where o.kind = 'commit_batch'
            and o.key = encode(b.id, 'hex') and o.state <> 'failed')""",
    "a batch was taken apart, and nothing will bar it": """
        select count(*) from batch b where b.state = 'failed' and not exists (
          select from outbox_item o where o.kind = 'cancel_batch'
            and o.key = encode(b.id, 'hex') and o.state <> 'failed')""",
    "a batch arrived, and nobody was credited": """
        select count(*) from batch b join outbox_item o on o.kind = 'commit_batch'
          and o.key = encode(b.id, 'hex')
        where b.state = 'frozen' and o.state = 'final' and o.final_at < :settled""",
    "an accepted payment is on no way to the chain": """
        select count(*) from payment_order p where p.state = 'accepted' and not exists (
          select from outbox_item o where o.kind = 'settle_orders'
            and o.key = encode(p.id, 'hex')
            and (o.state in ('waiting', 'sent', 'held') or o.final_at >= :settled))""",
    "an accepted refund is on no way to the chain": """
        select count(*) from refund r join payment_order p on p.id = r.order_id
        where r.state = 'accepted' and p.state = 'settled' and not exists (
          select from outbox_item o where o.kind = 'settle_refunds'
            and o.key = encode(r.id, 'hex')
            and (o.state in ('waiting', 'sent', 'held') or o.final_at >= :settled))""",
    "a closed pay-out is on no way to the chain": """
        select count(*) from pay_out p where p.state = 'closed' and not exists (
          select from outbox_item o where o.kind = 'pay_out'
            and o.key = encode(p.reference, 'hex')
            and (o.state in ('waiting', 'sent', 'held') or o.final_at >= :settled))""",
    "a period's cells are on no way to the chain": """
        select count(*) from cell_publication c join programme p on p.id = c.programme_id
        where c.final_at is null and c.failed_at is null and not exists (
          select from outbox_item o where o.kind = 'publish_cells'
            and o.key = encode(p.chain_id, 'hex') || ':' || c.period
            and (o.state in ('waiting', 'sent', 'held') or o.final_at >= :settled))""",
    "a payment is on its way that nobody accepted": """
        select count(*) from outbox_item o where o.kind = 'settle_orders'
          and o.state in ('waiting', 'sent', 'held') and not exists (
            select from payment_order p where p.id = decode(o.key, 'hex'))""",
    "a refund is on its way that nobody gave": """
        select count(*) from outbox_item o where o.kind = 'settle_refunds'
          and o.state in ('waiting', 'sent', 'held') and not exists (
            select from refund r where r.id = decode(o.key, 'hex'))""",
    "tokens are to be burned for no pay-out": """
        select count(*) from outbox_item o where o.kind = 'pay_out'
          and o.state in ('waiting', 'sent', 'held') and not exists (
            select from pay_out p where p.reference = decode(o.key, 'hex'))""",
    "cells are on their way that nothing counts": """
        select count(*) from outbox_item o where o.kind = 'publish_cells'
          and o.state in ('waiting', 'sent', 'held') and not exists (
            select from cell_publication c join programme p on p.id = c.programme_id
            where encode(p.chain_id, 'hex') || ':' || c.period = o.key
              and c.failed_at is null)""",
    "what is promised is not held": """
        select count(*) from (
          select id, 'payment' as reason from payment_order where state = 'accepted'
          union all select r.id, 'refund' from refund r join payment_order p on p.id = r.order_id
            where r.state = 'accepted' and p.state = 'settled'
          union all select reference, 'pay_out' from pay_out where state = 'closed'
        ) promised where not exists (
          select from hold h where h.reference = promised.id and h.reason = promised.reason
            and h.ended_at is null)""",
    "what has arrived is still held": """
        select count(*) from hold h where h.ended_at is null and (
          exists (select from payment_order p where p.id = h.reference
            and h.reason = 'payment' and p.state = 'settled')
          or exists (select from refund r where r.id = h.reference
            and h.reason = 'refund' and r.state = 'settled')
          or exists (select from pay_out p where p.reference = h.reference
            and h.reason = 'pay_out' and p.state <> 'closed'))""",
    "a batch is barred, and its deeds still wait in it": """
        select count(*) from action a join batch b on b.id = a.batch_id
        where b.state = 'cancelled' and a.state <> 'batched' or b.state = 'failed' and exists (
          select from outbox_item o where o.kind = 'cancel_batch'
            and o.key = encode(b.id, 'hex') and o.state = 'final' and o.final_at < :settled)""",
    "a batch credits another amount than its deeds bring": """
        select count(*) from batch b
        where (b.state = 'frozen' or b.state = 'final' and b.created_at > :recent)
          and b.lost_actions = 0 and b.reward_cents <> (
            select coalesce(sum(a.reward_cents), 0) from action a where a.batch_id = b.id)""",
    "a deed is due for days, and nobody knows why it waits": """
        select count(*) from action a join programme p on p.id = a.programme_id
          join subject s on s.id = a.person_id
        where a.state = 'authenticated' and a.reward_cents > 0 and s.erased_at is null
          and a.due_at < :day_ago - make_interval(secs => p.batch_max_age_seconds)
          and not exists (select from key_pause where signer = 'minter')
          and not exists (select from credit_plan c
            where c.programme_id = p.id and c.short_of is not null)
          and not exists (select from batch b join outbox_item o on o.kind = 'commit_batch'
            and o.key = encode(b.id, 'hex') and o.state in ('waiting', 'held')
            where b.programme_id = p.id and b.state = 'frozen')""",
    "something is sent, and no transaction carries it": """
        select count(*) from outbox_item o where o.state = 'sent' and o.transaction_id is null""",
    "another amount is held than was promised": """
        select count(*) from hold h where h.ended_at is null and (
          exists (select from payment_order p where p.id = h.reference
            and h.reason = 'payment' and p.amount_cents <> h.amount_cents)
          or exists (select from refund r where r.id = h.reference
            and h.reason = 'refund' and r.amount_cents <> h.amount_cents)
          or exists (select from pay_out p where p.reference = h.reference
            and h.reason = 'pay_out' and p.gross_cents <> h.amount_cents))""",
    "more is held than an account has": """
        select count(*) from (
          select h.address, p.chain_id, sum(h.amount_cents) as cents
          from hold h join programme p on p.id = h.programme_id
          where h.ended_at is null and not exists (
            select from refund r join payment_order o on o.id = r.order_id
            where r.id = h.reference and h.reason = 'refund' and o.state = 'accepted')
          group by h.address, p.chain_id
        ) held left join balance b on b.address = held.address
          and b.programme_chain_id = held.chain_id
        where held.cents > coalesce(b.final_cents, 0)""",
    "cells count other deeds than the books say": """
        select count(*) from cell_publication c
        where c.failed_at is null and c.created_at > :recent and c.lost_actions + (
          select count(*) from action a
          where a.programme_id = c.programme_id and a.published_period = c.period
        ) <> (
          select coalesce(sum((cell ->> 'actions')::bigint), 0)
          from jsonb_array_elements(c.cells) cell where not (cell ->> 'correction')::boolean)""",
}


def prove(workshop: Workshop, fence: Fence) -> int:
    """The proof of completeness, when it is due; whether one was taken."""
    folder = workshop.settings.kept.artefacts
    return prove_if_due(workshop.edge(fence.name), fence, folder) is not None


def reconcile(workshop: Workshop, fence: Fence) -> int:
    """How many questions found something, and jobs stand still; each is an alarm that ends when
    its reason does."""
    services = workshop.services
    with services.database.transaction() as session:
        fence.check(session)
        now = services.clock.now(session)
        names = OFTEN | SELDOM if workshop.has_run(LONGEST_SELDOM) else OFTEN
        return check(session, now, workshop.suspected) + check_jobs(session, now, names)


def check(session: Session, now: datetime, suspected: set[str]) -> int:
    """`suspected`: what the round before found, and then this one."""
    before = frozenset(suspected)
    suspected.clear()
    values = {
        "recent": now - RECENT,
        "settled": now - SETTLES_WITHIN,
        "day_ago": now - timedelta(days=1),
    }
    found = 0
    for question, query in QUESTIONS.items():
        named = {name: value for name, value in values.items() if f":{name}" in query}
        number = int(session.execute(text(query), named).scalar_one())
        if number:
            suspected.add(question)
        if number and question in before:
            detail = f"{question}: {number}"
            report_incident(session, code=CODE, detail=detail, now=now, reference=question)
            found += 1
        elif not number:
            incident_passed(session, code=CODE, now=now, reference=question)
    return found
