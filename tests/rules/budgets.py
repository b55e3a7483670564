"""How long files and functions are, for Python, Solidity and JavaScript."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE_LINES, FUNCTION_LINES = 250, 30
FOLDERS = ("app", "workers", "tests", "load", "contracts", "scripts")
EXEMPT = ("node_modules", "app/migrations/versions/", "app/web/static/vendor/", "contracts/out/",
          "contracts/cache/", "contracts/lib/")  # fmt: skip
_STARTS = {
    ".sol": re.compile(r"^\s*(?:function\s+\w+|constructor|modifier\s+\w+)\b"),
    ".js": re.compile(r"^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?function\b"),
}
_NOISE = re.compile(r'//.*$|"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`')


def sources() -> Iterator[Path]:
    """Files written by hand."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            by_hand = not any(part in name for part in EXEMPT)
            if by_hand and path.suffix in {".py", ".sol", ".js", ".mjs"} and path.is_file():
                yield path


def functions(suffix: str, text: str) -> Iterator[tuple[str, int]]:
    """Names and lengths in lines, signature and closing brace included, docstring excluded."""
    return (
        _python(text) if suffix == ".py" else _braces(".sol" if suffix == ".sol" else ".js", text)
    )


def _python(text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                length -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield node.name, length


def _braces(kind: str, text: str) -> Iterator[tuple[str, int]]:
    lines = [_NOISE.sub("", line) for line in text.splitlines()]
    for start, line in enumerate(lines):
        if _STARTS[kind].match(line):
            length = _to_closing_brace(lines[start:])
            if length is not None:
                yield line.strip()[:60], length


def _to_closing_brace(lines: list[str]) -> int | None:
    """Lines up to the brace that ends the body; None for a declaration without one."""
    depth, opened = 0, False
    for number, line in enumerate(lines, start=1):
        for sign in line:
            if sign == ";" and not opened:
                return None
            depth += {"{": 1, "}": -1}.get(sign, 0)
            opened = opened or sign == "{"
            if opened and depth == 0:
                return number
    return None
