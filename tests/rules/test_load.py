"""What measures and what takes long leaves nothing out, and is described."""

from __future__ import annotations

import re

from load import bench, deep, mutants
from load.place import ROOT

SOURCES = ROOT / "contracts" / "src"
NO_CODE = {"External"}  # brings others into the build


def test_every_piece_stands_in_the_readme_and_no_other() -> None:
    text = (ROOT / "load" / "README.md").read_text("utf-8")
    described = re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE)
    assert sorted(described) == sorted([*bench.PIECES, *deep.PIECES])


def test_every_contract_is_broken_on_purpose_and_its_tests_exist() -> None:
    """Interfaces and what they alone hold aside."""
    sources = {one.stem for one in SOURCES.rglob("*.sol") if one.parent.name != "interfaces"}
    assert set(mutants.TESTS) == sources - NO_CODE
    for folder in {one for folders in mutants.TESTS.values() for one in folders}:
        assert list((ROOT / "contracts" / "test" / folder).glob("*.t.sol"))
