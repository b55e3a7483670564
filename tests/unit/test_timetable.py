"""By the timetable a deed is credited within a minute from the end of its delay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.chain_descriptor import EMBEDDED_CHAIN, ChainDescriptor
from app.config import Settings
from workers import schedule
from workers.jobs import DRAINS_FOR
from workers.schedule import CREDITS, TIMETABLE, credited_within

MINUTE = 60.0
SPARE = 0.6  # of it is left to what jobs and nodes do themselves, at least four tenths


def production(home: Path) -> ChainDescriptor:
    """As an operator has it who sets nothing about the chain."""
    given = {
        "CIVIS_HOME": str(home),
        "DATABASE_URL": "postgresql://127.0.0.1/civis",
        "CHAIN_RPC_URLS": "http://127.0.0.1:8545",
        "PUBLIC_URL": "https://civis.example",
    }
    return Settings.from_env(given).chain


def test_here_and_in_production(tmp_path: Path) -> None:
    assert credited_within(EMBEDDED_CHAIN, embedded=True) <= SPARE * MINUTE
    assert credited_within(production(tmp_path), embedded=False) <= SPARE * MINUTE


def test_what_is_slower_takes_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each job on the way counts, and so do blocks and depth."""
    before = credited_within(EMBEDDED_CHAIN, embedded=False)
    deeper = replace(EMBEDDED_CHAIN, finality_depth=EMBEDDED_CHAIN.finality_depth + 60)
    assert credited_within(deeper, embedded=False) == before + 60
    for name in CREDITS:
        slow = tuple(
            replace(entry, every=entry.every + 60) if entry.name == name else entry
            for entry in TIMETABLE
        )
        monkeypatch.setattr(schedule, "TIMETABLE", slow)
        assert credited_within(EMBEDDED_CHAIN, embedded=False) == before + 60


def test_no_sender_keeps_its_lease_longer_than_it_has_it() -> None:
    """A drain that began before its time was over may still take one more round."""
    [lease] = [entry.lease for entry in TIMETABLE if entry.name == "sender"]
    assert lease / 2 >= DRAINS_FOR
