"""What an operator can set is documented, and what is documented can be set."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from app.config import DatabaseRole
from app.rights.assessment import assessment_text
from app.rights.register import map_text, register_text

ROOT = Path(__file__).parents[2]
READERS = (
    "app/chain_descriptor.py",
    "app/config.py",
    "app/controller.py",
    "app/help_desk.py",
    "app/kept_settings.py",
    "app/key_settings.py",
    "app/mail_settings.py",
    "app/openid_config.py",
    "app/rpc_tokens.py",
    "workers/signer/limits.py",
)
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


@pytest.mark.parametrize(
    "document",
    [
        *("README.md", "CONTRIBUTING.md", "SECURITY.md", "contracts/README.md", "load/README.md"),
        *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md"))),
    ],
)
def test_every_path_that_a_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    named = re.findall(r"`((?:app|docs|workers|contracts|load|docker|tests)/[\w./-]+)`", text)
    assert [path for path in named if not (ROOT / path).exists()] == []
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [link for link in links if not ((ROOT / document).parent / link).exists()] == []


@pytest.mark.parametrize(
    ("document", "made"),
    [
        ("registre.md", lambda: register_text("fr")),
        ("register.md", lambda: register_text("en")),
        ("data-map.md", map_text),
        ("assessment.md", assessment_text),
    ],
)
def test_what_is_said_of_peoples_data_is_what_the_code_does(
    document: str, made: Callable[[], str]
) -> None:
    """Made anew by `civis privacy register`, `map` and `assessment`."""
    assert (ROOT / "docs/privacy" / document).read_text(encoding="utf-8") == made()


def test_no_file_holds_two_versions_of_itself() -> None:
    """As a merge leaves them that nobody finished."""
    asked = ["git", "grep", "-lE", "^(<{7,}|>{7,}) "]
    found = subprocess.run(asked, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (found.stdout, found.returncode) == ("", 1)


def test_the_operators_guide_names_every_command_of_the_image_and_the_first_day() -> None:
    entry = (ROOT / "docker/entrypoint").read_text(encoding="utf-8")
    commands = re.findall(r"^  ([a-z]+)\)", entry, re.MULTILINE)
    guide = (ROOT / "docs/operators/README.md").read_text(encoding="utf-8")
    assert len(commands) == 5
    assert [name for name in commands if f"`{name}`" not in guide] == []
    first_day = (ROOT / "docs/operators/first-day.md").read_text(encoding="utf-8")
    assert all(f"civis {name}" in first_day for name in ("migrate", "deploy", "appoint"))
