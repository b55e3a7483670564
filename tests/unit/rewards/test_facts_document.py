"""The example of docs/facts.md comes out as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.rewards.command import command

DOCUMENT = Path(__file__).parents[3] / "docs" / "facts.md"


@pytest.mark.parametrize(("expected", "code"), [("[120]", 0), ("[121]", 1)])
def test_the_example_is_reckoned(tmp_path: Path, expected: str, code: int) -> None:
    found = re.search(r"```json\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert found is not None
    file = tmp_path / "example.json"
    file.write_text(found[1].replace("[120]", expected), "utf-8")
    said = CliRunner().invoke(command, ["check", str(file)])
    assert said.exit_code == code, said.output
