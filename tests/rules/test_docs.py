"""What an operator can set is documented, and what is documented can be set."""

from __future__ import annotations

import re
from pathlib import Path

from app.config import DatabaseRole

ROOT = Path(__file__).parents[2]
READERS = ("app/config.py", "workers/signer/limits.py")
_NAME = re.compile(r'\(\s*(?:environ, )?"([A-Z][A-Z0-9_]{3,})"')


def read_by_code() -> set[str]:
    texts = [(ROOT / path).read_text(encoding="utf-8") for path in READERS]
    names = {name for text in texts for name in _NAME.findall(text)}
    return names | {role.variable for role in DatabaseRole}


def documented() -> set[str]:
    text = (ROOT / "docs/operators/settings.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", cell)}


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    assert len(read_by_code()) > 20
    assert read_by_code() == documented()


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs/adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
