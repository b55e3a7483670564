"""An archive not written as the audit reads it: the file is named, and what belongs there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.impact.catalogue import catalogue
from app.reporting.archive import write_archive
from app.reporting.audit.archive_files import ANSWERS, FIGURES, PROGRAMMES, SUMS
from app.reporting.audit.run import CANNOT_CHECK, audit_archive, in_words
from app.rewards.models import Programme
from tests.support import archives
from tests.support.archives import Files
from tests.support.public_side import PublicSide

Change = Callable[[Files], None]


@pytest.fixture(scope="module")
def archive(
    side: PublicSide, programme: Programme, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    side.deeds(programme, side.world.citizens(5), "bike-trip")
    assert side.publish(programme) is not None
    folder = tmp_path_factory.mktemp("public") / "archive"
    with side.world.services.database.session() as session:
        record = side.world.services.settings.deployment_file
        write_archive(session, catalogue(), record, side.gateway, folder)
    return folder


def answers(method: str, answer: Any) -> Change:
    """Every recorded answer to it is another."""

    def change(files: Files) -> None:
        for one in files[ANSWERS]["asked"]:
            if one[0] == method:
                one[2] = answer

    return change


def season(**fields: Any) -> Change:
    return lambda files: files[PROGRAMMES]["programmes"][0].update(fields)


LOG = {"data": "0x", "blockNumber": "0x1", "logIndex": "0x0"}
CHANGES: dict[str, tuple[Change, str]] = {
    "no season is an object": (
        lambda files: files.update({PROGRAMMES: {"block": 1, "programmes": ["x"]}}),
        f"{PROGRAMMES}: programmes[0] must be an object with id, ",
    ),
    "no seasons": (
        lambda files: files[PROGRAMMES].update(programmes=None),
        f"{PROGRAMMES}: programmes must be a list",
    ),
    "no transfers": (
        season(fundings=None), f"{PROGRAMMES}: programmes[0].fundings must be a list"
    ),
    "cents as text": (
        season(returns=[{"amount_cents": "x", "bank_reference_hash": ""}]),
        f"{PROGRAMMES}: programmes[0].returns[0].amount_cents must be a whole number",
    ),
    "no published day": (
        season(published_last_day_to_spend=None),
        f"{PROGRAMMES}: programmes[0].published_last_day_to_spend must be a text",
    ),
    "no rules": (
        season(rule_sets=[{"version": 1, "rules": None}]),
        f"{PROGRAMMES}: programmes[0].rule_sets[0].rules must be an object",
    ),
    "version as list": (
        season(rule_sets=[{"version": [1], "rules": {}}]),
        f"{PROGRAMMES}: programmes[0].rule_sets[0].version must be a whole number",
    ),
    "other list": (lambda files: files.update({FIGURES: []}), f"{FIGURES}: it must be an object"),
    "no anchor": (
        lambda files: files[FIGURES]["chain"]["contracts"].update(Anchor=None),
        f"{FIGURES}: chain.contracts.Anchor must be a text",
    ),
    "half a character": (
        lambda files: files[FIGURES]["records"].append({"text": "\ud800"}),
        f"{FIGURES} must be JSON in UTF-8",
    ),
    "other format": (
        lambda files: files[ANSWERS].update(format="civis-archive/0"),
        f"{ANSWERS}: format must be civis-archive/1",
    ),
    "answer without question": (
        lambda files: files[ANSWERS]["asked"].insert(0, ["eth_chainId", []]),
        f"{ANSWERS}: asked[0] must be a list of a method, the list of its parameters, and",
    ),
    "no block": (
        answers("eth_getBlockByNumber", None),
        f"block 0, as {ANSWERS} has it: it must be an object with hash, timestamp",
    ),
    "no number": (
        answers("eth_blockNumber", "x"),
        f"the answer of {ANSWERS} to eth_blockNumber: 'x' must be a hexadecimal number",
    ),
    "no logs": (
        answers("eth_getLogs", [{}]),
        f"the answer of {ANSWERS} to eth_getLogs: [0].topics is missing, and must be a list",
    ),
    "logs without topics": (
        answers("eth_getLogs", [LOG | {"topics": []}]), f"{ANSWERS} gave logs of 0x"
    ),
    "logs of others": (
        answers("eth_getLogs", [LOG | {"topics": ["0x12"]}]), f"{ANSWERS} gave logs of 0x"
    ),
    "no call": (
        answers("eth_call", 5), f"the answer of {ANSWERS} to eth_call: it must be a text"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_the_file_is_named_and_what_belongs_there(archive: Path, tmp_path: Path, name: str) -> None:
    change, said = CHANGES[name]
    folder = tmp_path / "changed"
    shutil.copytree(archive, folder)
    archives.content_changed(folder, change)
    archives.summed_anew(folder)
    report = audit_archive(folder)
    assert (report.verdict, (report.reason or "")[: len(said)]) == (CANNOT_CHECK, said)
    assert in_words(report) == [f"Could not check: {report.reason}"]


@pytest.mark.parametrize("sums", ["", "\n", "ab  chain.json\n", f"{'a' * 64}  ../chain.json\n"])
def test_so_is_the_list_of_files(archive: Path, tmp_path: Path, sums: str) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(archive, folder)
    (folder / SUMS).write_text(sums, "ascii")
    said = f"{SUMS}: each line must be 64 hexadecimal digits, two spaces and the name of a file"
    assert (audit_archive(folder).reason or "").startswith(said)


@pytest.mark.parametrize("rules", [{"share": 1.5}, {"share": 2**60}])
def test_rules_that_can_not_be_hashed_are_not_the_chain_s(
    archive: Path, tmp_path: Path, rules: dict[str, float]
) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(archive, folder)
    archives.content_changed(folder, season(rule_sets=[{"version": 1, "rules": rules}]))
    archives.summed_anew(folder)
    wrong = [check.name for check in audit_archive(folder).checks if not check.agrees]
    assert "rule sets of the archive hash to what the chain holds" in wrong
