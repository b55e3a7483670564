"""What is made of the chain's events alone is the same rows whenever it is made, whoever was
forgotten since: no clock, no serial, no drawn id, nobody's row referred to."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, Uuid

from app.reporting.projecting import FINAL
from app.tables import metadata

TIMES = {"block_time"}


@pytest.mark.parametrize("table", FINAL)
def test_it_has_no_clock_no_serial_no_drawn_id_and_refers_to_nobody(table: str) -> None:
    found: Table = metadata.tables[table]
    for column in found.columns:
        assert not isinstance(column.type, Uuid), column.name
        assert column.server_default is None, column.name
        assert column.autoincrement is not True, column.name
        default = column.default
        assert default is None or default.is_scalar, f"{column.name}: made when it is written"
        if "time" in str(column.type).lower():
            assert column.name in TIMES
    assert {key.column.table.name for key in found.foreign_keys} <= FINAL.keys()
    assert not found.foreign_keys or table == "chain_log"
