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
    "completeness_proof", "consent_event", "emergency_access", "emergency_act", "emergency_end",
    "emergency_review", "end_notice", "evaluation", "ledger_entry", "mandate", "mandate_step",
    "net_share", "outside_data", "pay_out_line", "recovery_vote", "rights_step",
    "station_statement",
}  # fmt: skip
# What ends by itself, what is derived and rolled anew, and what a reorganisation takes back.
PASSING = {
    "attempt", "badge", "chain_block", "chain_log", "chain_node", "clock_offset", "counter_visit",
    "fact_day", "idempotency_key", "identity_index", "import_job", "import_result", "key_pause",
    "letter_link",
    "openid_identity", "openid_session", "outgoing_mail", "partner_day_sum", "passkey",
    "passkey_challenge", "presence_secret", "presence_use", "published_cell", "rider_link_code",
    "sign_in_code", "sign_in_session", "visit",
}  # fmt: skip
# Whose account an address is was said once: who could say otherwise could empty wallets.
# Whose wallet was blocked, and since when: it ended moves that were announced before.
FIXED_BUT = {
    "account": "wallet, replaced_at",
    "wallet_block": "channel, until, by_person, officer_key, lifted_at, lifted_by",
    # Whom people's data is asked for, which and what for: what was agreed to stays what it was.
    "disclosure": "state, decided_by, decided_at, until",
}
# Who looked, and when by PostgreSQL's own word: see app.privacy.access_log.
LOG = {"access_record": "id, subject_id, entry_sealed"}
# What PostgreSQL itself keeps up to date (the public's figures follow their cells), and what the
# log's own role writes.
READ_ONLY = {"access_seal", "published_figure"}
# What the signer looks at before it signs: who is signed in, whose account, how much, to whom; and
# its system user's commands, whether a restore is under way.
SIGNER_READS = {
    "account", "announced_move", "announced_move_end", "attester_key", "clock_offset", "contest",
    "hold", "mandate", "mandate_step", "merchant", "organisation", "passkey", "payment",
    "payment_order", "person", "programme", "proposal", "recovery", "refund", "role_grant",
    "restoration", "sign_in_session", "station", "wallet_block",
}  # fmt: skip
LOG_READS = {"access_record", "access_seal", "clock_offset"}
# An auditor's samples: deeds and statements by pseudonymous address, no sealed column opens.
AUDITOR_READS = {
    "access_record", "access_seal", "action", "action_log", "attestation", "attester_key", "batch",
    "cell_publication", "chain_block", "chain_log", "change", "completeness_proof", "device",
    "funding", "ledger_entry", "money_return", "net_share", "organisation", "outside_data",
    "pay_out", "pay_out_line", "programme", "proposal", "published_cell", "published_figure",
    "rule_set", "station", "station_statement",
}  # fmt: skip

# A block goes when nothing that it ended can be remembered any more: longer than a move is
# announced and waits to be done. By PostgreSQL's own time; younger ones stay, whatever deletes.
_BLOCKS_STAY = """
create function young_block_stays() returns trigger language plpgsql as $$
begin
  if current_user = 'civis_app' and old.since > clock_timestamp() - interval '90 days' then
    return null;
  end if;
  return old;
end $$
"""
_ON_BLOCKS = """
create trigger young_block_stays before delete on wallet_block
for each row execute function young_block_stays()
"""

# What nobody may change loses hour and place when its person's account is closed, not before: the
# one thing that the application can do to a kept evaluation.
_HOURS_GO = """
create function forget_hours(closed uuid) returns void language sql
security definer set search_path = public, pg_temp as $$
  update evaluation e set facts = e.facts - array['start', 'end', 'recorded_at', 'other_adult']
    || jsonb_build_object(
      'at', to_char(a.deed_day, 'YYYY-MM-DD') || 'T12:00:00+00:00', 'day_only', true)
  from action a join person p on p.id = a.person_id
  where e.action_id = a.id and a.person_id = closed and p.closed_at is not null
    and e.kind = 'valued'
$$
"""


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
    _grant("civis_app", "delete", "public", {"wallet_block"})
    op.execute("grant execute on function forget_hours(uuid) to civis_app")
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
    op.execute(_BLOCKS_STAY)
    op.execute(_ON_BLOCKS)
    op.execute(_HOURS_GO)
    op.execute("revoke execute on function forget_hours(uuid) from public")
    if _role_exists("civis_app"):
        _grant_app()
    if _role_exists("civis_signer"):
        _grant_signer()
    if _role_exists("civis_log"):
        _grant("civis_log", "select", "public", LOG_READS)
        _grant("civis_log", "insert, update (signature)", "public", {"access_seal"})
    if _role_exists("civis_auditor"):
        _grant("civis_auditor", "select", "public", AUDITOR_READS)
