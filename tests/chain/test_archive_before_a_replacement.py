"""An archive from before the registry was replaced: alone, and beside a node that knows both and
has forgotten the state of the archive's block, as nodes do: the embedded one at each start."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from app.embedded.rpc import RpcError
from app.impact.catalogue import catalogue
from app.reporting.archive import write_archive
from app.reporting.audit.run import audit_archive
from app.rewards.models import Programme
from tests.support.anvil import STATES_KEPT
from tests.support.public_side import PublicSide
from tests.support.replacing import decide, make, name_in_force, name_in_record

# Nobody seals the log here, and the programme's rules and days are made up.
NOT_HERE = (
    "a root of the access log for each day since the first",
    "rule sets of the archive hash to what the chain holds",
    "seasons of the archive, their published last days and when they closed, are the chain's",
)


def wrong(folder: Path, node: str | None = None) -> list[str]:
    report = audit_archive(folder, node)
    assert report.figures_compared > 0, report.reason
    failed = [one.name for one in report.checks if not one.agrees and one.name not in NOT_HERE]
    return failed + [one.figure for one in report.differences]


def test_it_agrees_alone_and_beside_the_chain_that_went_on(
    side: PublicSide, programme: Programme, tmp_path: Path
) -> None:
    world, folder, people = side.world, tmp_path / "archive", side.world.citizens(5)
    record = world.services.settings.deployment_file
    record.write_text(json.dumps(asdict(world.deployment)), "utf-8")
    side.deeds(programme, people, "glass-recycling")
    assert side.publish(programme) is not None
    with world.services.database.session() as session:
        write_archive(session, catalogue(), record, side.gateway, folder)
    made, decided = make(world, "ActionRegistry")
    name_in_record(world, record, made)
    decide(world, decided)
    name_in_force(world, record, made)
    world.settle()
    side.deeds(programme, people, "bike-trip")
    assert side.publish(programme) is not None
    old = hex(int(world.node.rpc("eth_blockNumber"), 16))
    world.node.rpc("anvil_mine", hex(STATES_KEPT + 1))
    with pytest.raises(RpcError, match="OutOfRange"):
        world.node.rpc("eth_call", {"to": world.deployment.programmes}, old)
    assert (wrong(folder), wrong(folder, world.node.url)) == ([], [])
