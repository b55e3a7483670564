"""The months of the access log: made ahead, dropped by rule, by nobody but these two functions.

They run with the owner's rights, whoever calls them, so that no role of the house needs the right
to alter or drop anything. A month goes twelve months after its end, and only once every entry of it
is under a signed seal. Times are PostgreSQL's own, in UTC.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Attached, since to create a partition in place would stop everybody who reads or writes the log.
_MAKE = """
create function make_log_month(moment timestamp) returns boolean language plpgsql
security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
  month constant timestamp := date_trunc('month', moment);
  name constant text := 'access_record_' || to_char(month, 'YYYY_MM');
  first constant timestamptz := month at time zone 'UTC';
  after constant timestamptz := (month + interval '1 month') at time zone 'UTC';
begin
  if to_regclass('log_months.' || name) is not null then
    return false;
  end if;
  execute format('create table log_months.%I (like public.access_record including all)', name);
  execute format('alter table public.access_record attach partition log_months.%I'
    ' for values from (%L) to (%L)', name, first, after);
  return true;
end $$
"""
_AHEAD = """
create function make_log_months() returns int language sql
security definer set search_path = public, pg_temp as $$
  select count(*)::int from generate_series(0, 12) ahead where make_log_month(
    date_trunc('month', clock_timestamp() at time zone 'UTC') + make_interval(months => ahead))
$$
"""
_DROP = """
create function drop_log_months() returns int language plpgsql
security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
  name text;
  month timestamp;
  unsealed boolean;
  dropped int := 0;
begin
  for name in select relname from pg_inherits join pg_class on oid = inhrelid
    where inhparent = 'public.access_record'::regclass order by relname
  loop
    month := to_date(right(name, 7), 'YYYY_MM');
    continue when month + interval '13 months' > clock_timestamp() at time zone 'UTC';
    execute format('select exists (select from log_months.%I where written >='
      ' (select coalesce(max(written_before), 0) from access_seal where signature is not null))',
      name) into unsealed;
    continue when unsealed;
    execute format('drop table log_months.%I', name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$
"""
_FOR_LOG = ("make_log_months()", "drop_log_months()")


def upgrade() -> None:
    op.execute("create schema log_months")
    for statement in (_MAKE, _AHEAD, _DROP):
        op.execute(statement)
    op.execute("revoke execute on function make_log_month(timestamp) from public")
    for function in _FOR_LOG:
        op.execute(f"revoke execute on function {function} from public")
    query = "select exists (select from pg_roles where rolname = 'civis_log')"
    if op.get_bind().execute(sa.text(query)).scalar_one():
        for function in _FOR_LOG:
            op.execute(f"grant execute on function {function} to civis_log")
    op.execute("select make_log_months()")
