"""Where a person's data lies: what their export holds, one part for each kind of row.

tests/integration/test_own_export.py compares with the tables: whatever names a person or an
account of theirs is a part here, or is left out with a reason in `LEFT_OUT`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """`sealed` columns are opened on the way out: column -> the table whose row `id` it lies in."""

    name: str
    tables: tuple[str, ...]
    query: str
    en: str
    fr: str
    sealed: Mapping[str, str] | None = None


PARTS = (
    Part(
        "person",
        ("person", "presence_secret"),
        "select p.id, p.email_sealed, p.identity_level, p.language, p.simulated, p.created_at,"
        " s.short_number from person p left join presence_secret s on s.person_id = p.id"
        " where p.id = :person",
        "How you are known, and the number that you say at a counter.",
        "Comment vous êtes connu, et le numéro que vous donnez au guichet.",
        {"email_sealed": "person"},
    ),
    Part(
        "sign_ins",
        ("sign_in_session",),
        "select kind, created_at, last_seen_at, expires_at, ended_at from sign_in_session"
        " where person_id = :person order by id",
        "Where and when you signed in.",
        "Où et quand vous vous êtes connecté.",
    ),
    Part(
        "roles",
        ("role_grant",),
        "select g.role, o.name as organisation, g.valid_from, g.valid_until from role_grant g"
        " left join organisation o on o.id = g.organisation_id"
        " where g.person_id = :person order by g.id",
        "Roles that you hold or held.",
        "Les rôles que vous tenez ou avez tenus.",
    ),
    Part(
        "accounts",
        ("account", "balance"),
        "select a.address, a.programme_id, a.wallet, a.created_at, b.final_cents from account a"
        " left join programme p on p.id = a.programme_id"
        " left join balance b on b.address = a.address and b.programme_chain_id = p.chain_id"
        " where a.person_id = :person order by a.id",
        "Your accounts, with their addresses on the chain, which nobody else can tell are yours.",
        "Vos comptes, avec leurs adresses sur la chaîne, que nul autre ne peut vous attribuer.",
    ),
    Part(
        "permissions",
        ("consent",),
        "select purpose, recipient, notice_version, state, given_at, ended_at from consent"
        " where subject_id = :person order by id",
        "What you agreed to or refused; `recipient` is the id of an organisation.",
        "Ce que vous avez accepté ou refusé ; `recipient` est l'identifiant d'un organisme.",
    ),
    Part(
        "looks",
        ("access_record",),
        "select at, actor_role, resource, fields, purpose from access_record"
        " where subject_id = :person order by id",
        "Who read what of your data, and what for.",
        "Qui a lu quoi de vos données, et pourquoi.",
    ),
    Part(
        "deeds",
        ("action",),
        "select a.id, a.programme_id, a.action_type_id, a.action_type_version, a.quantity,"
        " a.metrics, a.deed_at, a.deed_until, a.deed_day, a.district, a.recorded_at, a.channel,"
        " o.name as organisation, a.proof_level, a.state, a.reason_code, a.reward_cents,"
        " a.rule_set_version, a.explanation, a.account_address, a.attestation_digest, a.batch_id,"
        " a.leaf, a.leaf_index, a.published_period, a.reversed_at, a.note_sealed from action a"
        " left join organisation o on o.id = a.organisation_id"
        " where a.person_id = :person order by a.id",
        "What you did: quantity in the kind's smallest unit, reward in cents, and where the chain"
        " proves it.",
        "Vos gestes : quantité dans la plus petite unité, récompense en centimes, et où la chaîne"
        " le prouve.",
        {"note_sealed": "action"},
    ),
    Part(
        "deed_steps",
        ("action_log",),
        "select l.action_id, l.at, l.before, l.after, l.reason from action_log l"
        " join action a on a.id = l.action_id where a.person_id = :person order by l.id",
        "Every change of state of your deeds.",
        "Chaque changement d'état de vos gestes.",
    ),
    Part(
        "appeals",
        ("appeal",),
        "select id, action_id, created_at, text_sealed, upheld, answered_at, answer_sealed"
        " from appeal where person_id = :person order by id",
        "Your objections to refusals, and the answers.",
        "Vos contestations de refus, et les réponses.",
        {"text_sealed": "appeal", "answer_sealed": "appeal"},
    ),
    Part(
        "requests",
        ("rights_request", "halt"),
        "select id, kind, purpose, text_sealed, state, received_at, due_at, extended, closed_at,"
        " answer_sealed from rights_request where person_id = :person order by id",
        "What you asked of your data, and the answers.",
        "Ce que vous avez demandé sur vos données, et les réponses.",
        {"text_sealed": "rights_request", "answer_sealed": "rights_request"},
    ),
    Part(
        "partner_links",
        ("rider_link",),
        "select o.name as organisation, l.linked_at, l.revoked_at from rider_link l"
        " left join organisation o on o.id ="
        " l.organisation_id where l.person_id = :person order by l.id",
        "Partners whose trips counted for you.",
        "Les partenaires dont les trajets comptaient pour vous.",
    ),
    Part(
        "counters",
        ("presence_use",),
        "select o.name as organisation, u.at from presence_use u"
        " left join organisation o on o.id = u.organisation_id"
        " where u.person_id = :person order by u.at",
        "Where your one-minute code was used.",
        "Où votre code d'une minute a servi.",
    ),
    Part(
        "payments",
        ("payment",),
        "select p.id, o.name as shop, p.short_code, p.amount_cents, p.label, p.state, p.created_at,"
        " p.accepted_at, p.settled_at from payment p"
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
        " ready_at, ends_at, objected_at, closed_at from recovery where person_id = :person"
        " order by id",
        "When officers gave your account back to you, or were asked to.",
        "Quand des agents vous ont rendu votre compte, ou en ont été priés.",
        {"email_sealed": "recovery"},
    ),
    Part(
        "signing_keys",
        ("attester_key",),
        "select k.address, o.name as organisation, k.scope, k.valid_from, k.valid_until,"
        " k.revoked_at from attester_key k"
        " left join organisation o on o.id = k.organisation_id where k.person_id = :person"
        " order by k.created_at",
        "Keys with which you vouched for others' deeds.",
        "Les clés avec lesquelles vous avez attesté les gestes d'autrui.",
    ),
)

_WORK = "work for an organisation or the city: about others, and kept as their record"
_BODYS = "of a body, not of a person"
LEFT_OUT = {
    "attestation": _WORK,
    "bank_details": _BODYS,
    "bank_file": _BODYS,
    "bank_order": _WORK,
    "chain_log": "public events; one's own are in tokens",
    "chain_transaction": "signed by the operator's relayers",
    "change": _WORK,
    "device": _BODYS,
    "fee_correction": _WORK,
    "funding": _WORK,
    "import_job": _WORK,
    "incident": _WORK,
    "letter_link": "a secret that works once, and only as a hash",
    "merchant": _BODYS,
    "merchant_programme": _WORK,
    "organisation": _BODYS,
    "programme": _WORK,
    "rights_step": "the steps of requests, which are in requests",
    "proposal": _WORK,
    "rider_link_code": "a secret that works for an hour, and only as a hash",
    "rule_set": _WORK,
    "signer.signed_order": "the signer's copy of orders",
    "signer.wallet_key": "a secret: who has it can spend",
    "vault.subject_key": "a secret: it opens what this export shows opened",
    "visit": "gone after ten minutes; its use is in counters",
}
