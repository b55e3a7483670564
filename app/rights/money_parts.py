"""The parts of a person's export that are about tokens."""

from __future__ import annotations

from app.rights.part import Part

MONEY = (
    Part(
        "payments",
        ("payment",),
        "select p.id, o.name as shop, p.short_code, p.amount_cents, p.label, p.state, p.created_at,"
        " p.accepted_at, p.settled_at, p.mandate_id from payment p"
        " left join organisation o on o.id = p.merchant_id"
        " where p.payer_id = :person order by p.id",
        "What you paid, in cents.",
        "Ce que vous avez payé, en centimes.",
    ),
    Part(
        "orders",
        ("payment_order",),
        "select r.id, r.payment_id, r.position, r.programme_id, r.payer_address, r.amount_cents,"
        " r.state, r.settled_at, r.operator_signed from payment_order r join payment p"
        " on p.id = r.payment_id where p.payer_id = :person order by p.id, r.position",
        "The signed instructions behind your payments.",
        "Les ordres signés derrière vos paiements.",
    ),
    Part(
        "refunds",
        ("refund",),
        "select r.id, r.payment_id, r.amount_cents, r.state, r.created_at, r.settled_at"
        " from refund r join payment p on p.id = r.payment_id where p.payer_id = :person"
        " order by r.created_at",
        "What shops gave back to you, in cents.",
        "Ce que les commerces vous ont rendu, en centimes.",
    ),
    Part(
        "contests",
        ("contest",),
        "select c.payment_id, c.reason, c.state, c.opened_at, c.decided_at, c.refunded_at"
        " from contest c join payment p on p.id = c.payment_id where p.payer_id = :person"
        " order by c.id",
        "Card payments that you contested.",
        "Les paiements par carte que vous avez contestés.",
    ),
    Part(
        "tokens",
        ("ledger_entry",),
        "select block_number, block_time, programme_chain_id, address, kind, amount_cents,"
        " reference from ledger_entry"
        " where address in (select address from account where person_id = :person)"
        " order by block_number, log_index, side",
        "Every movement on your accounts as the chain has it, in cents.",
        "Chaque mouvement de vos comptes tel que la chaîne le porte, en centimes.",
    ),
    Part(
        "holds",
        ("hold",),
        "select address, programme_id, amount_cents, reason, created_at, ended_at from hold"
        " where address in (select address from account where person_id = :person) order by id",
        "What was set aside for payments on their way.",
        "Ce qui a été réservé pour des paiements en route.",
    ),
    Part(
        "blocks",
        ("wallet_block",),
        "select channel, since, until, lifted_at from wallet_block where person_id = :person"
        " order by id",
        "When your wallet was blocked, and how.",
        "Quand votre portefeuille a été bloqué, et comment.",
    ),
    Part(
        "recoveries",
        ("recovery", "recovery_vote"),
        "select id, kind, state, seen, email_sealed, new_address, proposed_at, confirmed_at,"
        " ready_at, ends_at, objected_at, closed_at, paper, paper_on from recovery"
        " where person_id = :person order by id",
        "When officers gave your account back to you, or thought you dead, or were asked to.",
        "Quand des agents vous ont rendu votre compte, vous ont cru mort, ou en ont été priés.",
        {"email_sealed": "recovery"},
    ),
    Part(
        "moves",
        ("account_move",),
        "select m.id, a.address as old_address, m.new_address, m.wallet, m.amount_cents,"
        " m.asked_at, m.done_at, m.failed_at from account_move m"
        " join account a on a.id = m.account_id where m.person_id = :person order by m.asked_at",
        "When an account of yours went on under another key, and who keeps that one.",
        "Quand un de vos comptes est passé sous une autre clé, et qui la garde.",
    ),
    Part(
        "announced_moves",
        ("announced_move", "announced_move_end"),
        "select m.id, a.address as old_address, m.new_address, m.asked_at, m.ready_at,"
        " e.why as ended_why, e.at as ended_at from announced_move m"
        " join account a on a.id = m.account_id"
        " left join announced_move_end e on e.announced_id = m.id"
        " where m.person_id = :person order by m.id",
        "When a move to a key of your own was announced, and what became of it.",
        "Quand un passage vers votre propre clé a été annoncé, et ce qu’il en est advenu.",
    ),
)
