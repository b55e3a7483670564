"""Who may do what: one database role per part, and rows that nobody can change.

The migrator owns everything; the others own nothing. Roles belong to the whole server and are
made by whoever makes the server, so a role that does not exist here gets no rights: a test or
an evaluation may run with the owner alone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What happened, happened: added and read, never changed.
ADDED_ONLY = {
    "action_log", "announced_move", "announced_move_end", "attestation", "change",
    "consent_event", "emergency_act", "emergency_review", "ledger_entry", "mandate",
    "mandate_step", "net_share", "pay_out_line", "recovery_vote", "rights_step",
    "station_statement",
}  # fmt: skip
# What ends by itself, what is derived and rolled anew, and what a reorganisation takes back.
PASSING = {
    "attempt", "badge", "chain_block", "chain_log", "clock_offset", "counter_visit", "fact_day",
    "idempotency_key", "identity_index", "import_job", "import_result", "letter_link",
    "openid_identity", "openid_session", "outgoing_mail", "partner_day_sum", "passkey",
    "passkey_challenge", "presence_secret", "presence_use", "published_cell", "rider_link_code",
    "sign_in_code", "sign_in_session", "visit", "wallet_block",
}  # fmt: skip
# Whose account an address is was said once: who could say otherwise could empty wallets.
# Who opened emergency access, and until when: it can be ended, never made longer or hidden.
FIXED_BUT = {"account": "wallet, replaced_at", "emergency_access": "ended_at, ended_by"}
# Whom people's data is asked for, which and what for: what people agreed to stays what it was.
FIXED_BUT["disclosure"] = "state, decided_by, decided_at, until"
# Who looked, and when by PostgreSQL's own word: see app.privacy.access_log.
LOG = {"access_record": "id, subject_id, entry_sealed"}
# What PostgreSQL itself keeps up to date (the public's figures follow their cells), and what the
# log's own role writes.
READ_ONLY = {"access_seal", "published_figure"}
# What the signer looks at before it signs: who is signed in, whose account, how much, to whom.
SIGNER_READS = {
    "account", "announced_move_end", "attester_key", "clock_offset", "contest", "hold", "mandate",
    "mandate_step", "merchant", "organisation", "passkey", "payment", "payment_order", "person",
    "programme", "proposal", "recovery", "refund", "role_grant", "sign_in_session", "station",
    "wallet_block",
}  # fmt: skip
LOG_READS = {"access_record", "access_seal", "clock_offset"}
# An auditor's samples: deeds and statements by pseudonymous address, no sealed column opens.
AUDITOR_READS = {
    "access_record", "access_seal", "action", "action_log", "attestation", "attester_key", "batch",
    "cell_publication", "chain_block", "chain_log", "change", "device", "funding", "ledger_entry",
    "net_share", "organisation", "pay_out", "pay_out_line", "programme", "proposal",
    "published_cell", "published_figure", "rule_set", "station", "station_statement",
}  # fmt: skip


def _role_exists(role: str) -> bool:
    query = sa.text("select exists (select from pg_roles where rolname = :role)")
    return bool(op.get_bind().execute(query, {"role": role}).scalar_one())


def _tables(schema: str) -> set[str]:
    names = sa.inspect(op.get_bind()).get_table_names(schema=schema)
    return set(names) - {"alembic_version"}


def _grant(role: str, rights: str, schema: str, tables: set[str]) -> None:
    missing = tables - _tables(schema)
    if missing:
        raise LookupError(f"no such tables to grant: {sorted(missing)}")
    for table in sorted(tables):
        op.execute(f'grant {rights} on {schema}."{table}" to {role}')


def _grant_app() -> None:
    public = _tables("public")
    _grant("civis_app", "select, insert", "public", ADDED_ONLY)
    _grant("civis_app", "select, insert, update, delete", "public", PASSING)
    _grant("civis_app", "select", "public", READ_ONLY)
    changing = public - ADDED_ONLY - PASSING - READ_ONLY - FIXED_BUT.keys() - LOG.keys()
    _grant("civis_app", "select, insert, update", "public", changing)
    for table, column in FIXED_BUT.items():
        _grant("civis_app", f"select, insert, update ({column})", "public", {table})
    for table, columns in LOG.items():
        _grant("civis_app", f"select, insert ({columns})", "public", {table})
    op.execute("grant usage on schema vault to civis_app")
    _grant("civis_app", "select, insert, update, delete", "vault", _tables("vault"))
    op.execute("grant select on alembic_version to civis_app")


def _grant_signer() -> None:
    op.execute("grant usage on schema signer to civis_signer")
    _grant("civis_signer", "select, insert, update, delete", "signer", _tables("signer"))
    _grant("civis_signer", "select", "public", SIGNER_READS)


def upgrade() -> None:
    op.execute("revoke create on schema public from public")
    if _role_exists("civis_app"):
        _grant_app()
    if _role_exists("civis_signer"):
        _grant_signer()
    if _role_exists("civis_log"):
        _grant("civis_log", "select", "public", LOG_READS)
        _grant("civis_log", "insert, update (signature)", "public", {"access_seal"})
    if _role_exists("civis_auditor"):
        _grant("civis_auditor", "select", "public", AUDITOR_READS)
