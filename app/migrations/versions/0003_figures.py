"""Figures follow their cells, in the very statement that changes a cell.

Whoever changes a cell, the indexer or a dishonest official, changes the public figure with it,
and a figure can't be changed otherwise: the application's role may only read it. So page, export
and audit speak of the same numbers, and read a row per figure instead of every cell.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SAME_FIGURE = (
    "month = cell.month and action_type_id = cell.action_type_id"
    " and action_type_version = cell.action_type_version and proof_level = cell.proof_level"
    " and programme_chain_id = cell.programme_chain_id"
)
# Adds a cell to its figure, or takes it from there (times = -1); corrections count negative.
_ADD = """
create function add_to_figure(cell published_cell, times int) returns void language plpgsql
security definer set search_path = public, pg_temp as $$
declare
  sign constant int := case when cell.correction then -times else times end;
begin
  insert into published_figure as figure values (
    cell.month, cell.action_type_id, cell.action_type_version, cell.proof_level,
    cell.programme_chain_id, times, cell.block_number,
    sign * cell.actions, sign * cell.reward_cents,
    sign * coalesce((cell.metrics ->> 'distance_m')::bigint, 0),
    sign * coalesce((cell.metrics ->> 'waste_g')::bigint, 0),
    sign * coalesce((cell.metrics ->> 'water_ml')::bigint, 0),
    sign * coalesce((cell.metrics ->> 'energy_wh')::bigint, 0),
    sign * coalesce((cell.metrics ->> 'duration_s')::bigint, 0),
    sign * coalesce((cell.metrics ->> 'item_count')::bigint, 0))
  on conflict on constraint pk_published_figure do update set
    cells = figure.cells + excluded.cells,
    block_number = greatest(figure.block_number, excluded.block_number),
    actions = figure.actions + excluded.actions,
    reward_cents = figure.reward_cents + excluded.reward_cents,
    distance_m = figure.distance_m + excluded.distance_m,
    waste_g = figure.waste_g + excluded.waste_g,
    water_ml = figure.water_ml + excluded.water_ml,
    energy_wh = figure.energy_wh + excluded.energy_wh,
    duration_s = figure.duration_s + excluded.duration_s,
    item_count = figure.item_count + excluded.item_count;
end $$
"""
# A cell that goes may have been the last block's, or the figure's only one.
_FOLLOW = f"""
create function figure_follows_cell() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
declare
  cell published_cell;
begin
  if tg_op <> 'INSERT' then
    cell := old;
    perform add_to_figure(cell, -1);
    update published_figure set block_number = coalesce(
        (select max(block_number) from published_cell where {_SAME_FIGURE}), 0)
      where {_SAME_FIGURE};
    delete from published_figure where cells = 0 and {_SAME_FIGURE};
  end if;
  if tg_op <> 'DELETE' then
    perform add_to_figure(new, 1);
  end if;
  return null;
end $$
"""  # noqa: S608 - names of ours alone
_TRIGGER = """
create trigger figure_follows_cell after insert or update or delete on published_cell
  for each row execute function figure_follows_cell()
"""


def upgrade() -> None:
    for statement in (_ADD, _FOLLOW, _TRIGGER):
        op.execute(statement)
    op.execute("revoke execute on function add_to_figure from public")
