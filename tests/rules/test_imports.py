"""The parts form one direction: import-linter's contracts, each a sentence, are kept."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / ".importlinter"


def _lint(config: Path) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command as run; run()"
    command = [sys.executable, "-c", code, "--no-cache", "--config", str(config)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_contracts_are_kept() -> None:
    result = _lint(CONFIG)
    assert result.returncode == 0, result.stdout + result.stderr
    assert ", 0 broken" in result.stdout


def test_each_contract_is_named_by_a_sentence() -> None:
    parser = configparser.ConfigParser()
    parser.read(CONFIG, encoding="utf-8")
    names = [parser[part]["name"] for part in parser.sections() if ":contract:" in part]
    assert len(names) >= 6
    assert all(len(name.split()) >= 6 for name in names)


def test_the_linter_sees_a_breach(tmp_path: Path) -> None:
    """Forbids something that is done, so that a linter that checks nothing is noticed."""
    broken = tmp_path / "broken.ini"
    text = CONFIG.read_text(encoding="utf-8")
    broken.write_text(
        text.replace("forbidden_modules =\n    web3", "forbidden_modules =\n    sqlmodel")
    )
    result = _lint(broken)
    assert result.returncode == 1
    assert "BROKEN" in result.stdout
