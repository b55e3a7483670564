"""What the door writes, as functions: a statement pays for them only where it calls them.

As parts of the door's statement they cost each request, also the nine in ten that write nothing.
They run with the rights of who calls.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SEEN = """
create function note_seen(session_id uuid, moment timestamptz) returns boolean language plpgsql
as $$ begin
  update sign_in_session set last_seen_at = moment where id = session_id;
  return found;
end $$
"""
_COUNT = """
create function count_try(which text, until timestamptz) returns int language plpgsql
as $$ declare
  counted int;
begin
  insert into attempt (key, window_ends, count) values (which, until, 1)
    on conflict (key, window_ends) do update set count = attempt.count + 1
    returning count into counted;
  return counted;
end $$
"""


def upgrade() -> None:
    for statement in (_SEEN, _COUNT):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("restore a backup: there is no way back")
