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
    "access_record", "action_log", "attestation", "change", "ledger_entry", "pay_out_line",
    "recovery_vote", "rights_step",
}  # fmt: skip
# What ends by itself, what is derived and rolled anew, and what a reorganisation takes back.
PASSING = {
    "attempt", "chain_block", "chain_log", "clock_offset", "fact_day", "idempotency_key",
    "import_job", "import_result", "letter_link", "outgoing_mail", "partner_day_sum",
    "presence_secret", "presence_use", "published_cell", "rider_link_code", "sign_in_code",
    "sign_in_session", "visit", "wallet_block",
}  # fmt: skip
# Whose account an address is was said once: who could say otherwise could empty wallets.
FIXED_BUT = {"account": "wallet, replaced_at"}
# What PostgreSQL itself keeps up to date: the public's figures follow their cells.
READ_ONLY = {"published_figure"}
# What the signer looks at before it signs: who is signed in, whose account, how much, to whom.
SIGNER_READS = {
    "account", "attester_key", "clock_offset", "hold", "merchant", "organisation", "payment",
    "payment_order", "person", "programme", "recovery", "refund", "role_grant",
    "sign_in_session", "wallet_block",
}  # fmt: skip
LOG_READS = {"access_record"}
# An auditor's samples: deeds and statements by pseudonymous address, no sealed column opens.
AUDITOR_READS = {
    "action", "action_log", "attestation", "attester_key", "batch", "cell_publication",
    "chain_block", "chain_log", "change", "device", "funding", "ledger_entry", "organisation",
    "pay_out", "pay_out_line", "programme", "proposal", "published_cell", "published_figure",
    "rule_set",
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
    changing = public - ADDED_ONLY - PASSING - READ_ONLY - FIXED_BUT.keys()
    _grant("civis_app", "select, insert, update", "public", changing)
    for table, column in FIXED_BUT.items():
        _grant("civis_app", f"select, insert, update ({column})", "public", {table})
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
    if _role_exists("civis_auditor"):
        _grant("civis_auditor", "select", "public", AUDITOR_READS)
