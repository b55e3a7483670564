"""The access log's days on the chain: each is there for a stranger, and provable for its people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.chain import typed
from app.chain.deploying.role_keys import role_key
from app.config import DatabaseRole
from app.impact.leaf import date_of, day_of
from app.reporting.access.roots import roots_on_chain
from app.reporting.access.sealing import anchor_days
from app.reporting.access.slices import own_slice
from app.reporting.access.verdict import verify_slice
from app.reporting.audit.evidence import Evidence, LogRoots
from app.reporting.audit.log_roots import check_log_roots
from app.reporting.audit.node import Node
from app.reporting.audit.run import AGREES
from app.reporting.verify.check import FAILS, HOLDS
from app.services import Services
from tests.support.access_log import Log, log_of, rewrite
from tests.support.public_side import PublicSide

Slice = dict[str, Any]


@dataclass
class City:
    """Three days, of which two are over: looks on the first and third, none on the second."""

    side: PublicSide
    log: Log
    citizen: UUID
    first_day: int

    def slice(self) -> Slice:
        settings = self.log.services.settings
        with self.log.services.database.session() as session:
            found = own_slice(session, self.citizen, settings.deployment_file)
        return dict(json.loads(json.dumps(found)))

    def node(self) -> Node:
        return Node(self.side.gateway)


@pytest.fixture(scope="module")
def city(services: Services, side: PublicSide) -> Iterator[City]:
    with log_of(services) as log:
        citizen, other = log.subject(), log.subject()
        log.read(other, 2)
        log.read(citizen, 2)
        log.seal()
        log.read(citizen)
        log.read(other)
        log.seal()
        with services.database.transaction() as session:
            first_day = day_of(services.clock.now(session))
            services.clock.move(session, days=2)
        log.read(citizen)
        log.seal()
        log.read(citizen)
        with side.world.transaction() as (session, now):
            assert anchor_days(session, now) == 2
            assert anchor_days(session, now) == 0, "each day once"
        side.world.settle()
        yield City(side, log, citizen, first_day)


def test_each_day_that_is_over_has_a_root_also_without_an_entry(city: City) -> None:
    with city.node() as node:
        held = roots_on_chain(node, city.side.world.deployment.anchor)
        days = [held(city.first_day + day) is not None for day in range(-1, 3)]
    assert days == [False, True, True, False]


def test_the_public_audit_finds_them_through_the_gateway(city: City) -> None:
    report = city.side.audit()
    assert report.verdict == AGREES
    [check] = [one for one in report.checks if "access log" in one.name]
    assert check.agrees
    assert check.detail == "2 days"


@pytest.mark.parametrize(
    ("days", "age", "missing"),
    [
        ({0, 1, 2}, 3, []),
        ({1, 2}, 3, []),  # the first is the first that is there
        ({0, 2}, 3, [1]),
        ({0}, 3, [1, 2]),
        (set(), 1, []),
        (set(), 2, [1]),
    ],
)
def test_a_day_without_a_root_is_named(days: set[int], age: int, missing: list[int]) -> None:
    """`age`: days since the first block, and seven hours."""
    began = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
    first, now = day_of(began), began + timedelta(days=age, hours=7)
    roots = LogRoots(frozenset(first + day for day in days), began, now)
    [check] = check_log_roots(Evidence(1, 1, "0x", (), b"", 0, {}, (), roots))
    assert check.agrees is not bool(missing)
    assert all(date_of(first + day).isoformat() in check.detail for day in missing)
    early = LogRoots(roots.days, began, now - timedelta(hours=2))
    [check] = check_log_roots(Evidence(1, 1, "0x", (), b"", 0, {}, (), early))
    assert date_of(first + age - 1).isoformat() not in check.detail, "six hours to arrive"


def test_a_citizen_proves_what_was_read_of_them(city: City, tmp_path: Path) -> None:
    mine = city.slice()
    assert [entry.get("seal") for entry in mine["entries"]] == [1, 1, 2, 4, None]
    path = tmp_path / "looks.json"
    path.write_text(json.dumps(mine))
    command = [sys.executable, "-m", "app.cli", "verify", str(path), "--rpc", city.side.gateway]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == HOLDS, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert sum("officer read action: note_sealed, for review" in line for line in lines) == 5
    assert f"holds  the chain holds the root of {date_of(city.first_day)}" in lines
    assert "–      1 entries are not sealed yet" in lines
    assert "–      1 seals are of a day without a root: it is not over" in lines
    assert lines[-1] == "SLICE HOLDS"
    assert verify_slice(mine, None).code == HOLDS


def other_time(mine: Slice) -> None:
    mine["entries"][0]["at"] = "2026-01-01T00:00:00+00:00"


def other_person(mine: Slice) -> None:
    mine["subject"] = mine["entries"][0]["id"]


def other_text(mine: Slice) -> None:
    mine["entries"][0]["sealed"] = mine["entries"][1]["sealed"]


def other_key(mine: Slice) -> None:
    mine["entries"][0]["key"] = mine["entries"][1]["key"]


def other_seal(mine: Slice) -> None:
    mine["entries"][0]["seal"] = 2


def other_root(mine: Slice) -> None:
    mine["seals"][0]["in_day"]["root"] = "0x" + "12" * 32


def other_signature(mine: Slice) -> None:
    mine["seals"][0]["signature"] = mine["seals"][1]["signature"]


def no_hash(mine: Slice) -> None:
    mine["seals"][0]["previous"] = 7


@pytest.mark.parametrize(
    "lie",
    [
        other_time, other_person, other_text, other_key, other_seal, other_root, other_signature,
        no_hash,
    ],
)  # fmt: skip
def test_a_slice_that_lies_does_not_hold(city: City, lie: Callable[[Slice], None]) -> None:
    mine = city.slice()
    lie(mine)
    assert verify_slice(mine, None).code == FAILS


def test_a_log_forged_with_the_signers_own_key_disagrees_with_the_chain(city: City) -> None:
    """The owner of the tables and of the signer's machine in one."""
    log = city.log
    key = role_key(log.services.settings.home, "sealer")
    with log.as_role(DatabaseRole.MIGRATOR) as owner, city.node() as node:
        held = roots_on_chain(node, city.side.world.deployment.anchor)
        report = log.check(owner, root_of_day=held)
        assert (report.rooted, report.faults) == (2, [])
        first = "(select min(written) from access_record)"
        owner.execute(text(f"update access_record set entry_sealed = 'x' where written = {first}"))
        rewrite(owner, lambda seal: typed.sign(seal.digest(), key))
        assert log.faults(owner) == [], "the database agrees with itself"
        faults = [one.what for one in log.check(owner, root_of_day=held).faults]
    assert faults == [
        f"the seals of {date_of(city.first_day + day)} are not those whose root the chain holds"
        for day in range(2)
    ]


def test_an_auditor_checks_a_day(city: City) -> None:
    settings = city.log.services.settings
    urls = {f"DATABASE_URL{'' if r is DatabaseRole.APP else '_' + r.name}": u
            for r, u in settings.database_urls.items()
            if r in (DatabaseRole.APP, DatabaseRole.AUDITOR)}  # fmt: skip
    environ = urls | {
        "CIVIS_HOME": str(settings.home),
        "CHAIN_RPC_URLS": "http://127.0.0.1:9",
        "PUBLIC_URL": "https://civis.example",
    }
    command = [sys.executable, "-m", "app.cli", "access-log", "check", "--rpc", city.side.gateway]
    command += ["--sealer", city.log.sealer.address, "--day", date_of(city.first_day).isoformat()]
    done = subprocess.run(
        command, env=os.environ | environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "2 seals over 6 entries, of 0 seals the entries were dropped by rule; 1 days are on chain",
        "THE LOG AGREES",
    ]
