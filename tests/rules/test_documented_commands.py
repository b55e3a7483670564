"""What a document tells people to type can be typed: commands, their options, make's targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from app.cli import civis

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    *("README.md", "CONTRIBUTING.md", "SECURITY.md", "contracts/README.md", "load/README.md"),
    "workers/signer/trust.md",
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md"))),
]
FENCED = re.compile(r"^ *```\w*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?:^|;)\s*(?:[A-Z_]+=\S+ )*civis ([^#;|\n]*)")
TARGET = re.compile(r"(?:^|\s)make ([a-z-]+)\b")
MODULE = re.compile(r"python -m ((?:app|workers|tests|load)[\w.]*)")


def _typed(document: str) -> Iterator[str]:
    """Lines of fenced parts and what stands between backticks."""
    text = (ROOT / document).read_text(encoding="utf-8")
    for part in FENCED.findall(text):
        yield from part.replace("\\\n", " ").splitlines()
    for span in re.findall(r"`([^`]+)`", FENCED.sub("", text)):
        yield " ".join(span.split())


def _everywhere() -> list[tuple[str, str]]:
    return [(name, line) for name in DOCUMENTS for line in _typed(name)]


def _wrong(call: str) -> str:
    """What of a call doesn't exist; words that are no names of commands are its arguments."""
    words, command = call.split(), civis
    found: click.Command = command
    while words and isinstance(found, click.Group) and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        inner = found.get_command(click.Context(found), words[0])
        if inner is None:
            return words[0]
        found, words = inner, words[1:]
    known = {"--help", *(name for one in found.params for name in one.opts)}
    options = (word.strip("[]().,").partition("=")[0] for word in words)
    return " ".join(one for one in options if one.startswith("--") and one not in known)


def test_every_command_and_its_options_exist() -> None:
    calls = [(at, call) for at, line in _everywhere() for call in CALL.findall(line)]
    assert len(calls) > 100
    assert [(at, call, _wrong(call)) for at, call in calls if _wrong(call)] == []
    assert _wrong("outbox explain ID --because x") == "--because"
    assert _wrong("outbox forget ID") == "forget"


def test_every_target_and_module_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    lines = _everywhere()
    assert [(at, line) for at, line in lines if set(TARGET.findall(line)) - targets] == []
    modules = [(at, name) for at, line in lines for name in MODULE.findall(line)]
    assert len(modules) > 5
    missing = [(at, name) for at, name in modules if not _is_module(name)]
    assert missing == []


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__main__.py").exists()
