"""The reference of the language, from its schema: what docs/rules.md says after its mark.

`python -m app.rewards.language.reference docs/rules.md` renews it; a test compares the two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.rewards.language.form import schema

MARK = "<!-- From here on made from app/rewards/language/schema.json. -->"
_PLAIN = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "object": "object",
}
# Definitions with a table of their own, in the order of reading.
_TABLES = {
    "condition": "A condition",
    "tariff": "A tariff",
    "step": "A step of a tariff",
    "per": "`per`: by kilometre or unit",
    "adjustment": "An adjustment",
    "value": "An amount or a field",
    "limit": "A limit",
    "zone": "A zone",
    "code": "A code of a zone",
}


def reference_text() -> str:
    """Markdown: the rule set, its parts, its predicates."""
    definitions = schema()["$defs"]
    parts = [_table("A rule set", schema())]
    parts += [_table(title, definitions[name]) for name, title in _TABLES.items()]
    parts.append("\n".join(_predicates(definitions["predicate"]["properties"])))
    return "\n\n".join(parts) + "\n"


def _table(title: str, said: Mapping[str, Any]) -> str:
    needed = said.get("required", ())
    lines = [f"## {title}", *([said["description"], ""] if "description" in said else [])]
    lines += ["| member | is | |", "|---|---|---|"]
    for name, part in said["properties"].items():
        star = " (needed)" if name in needed else ""
        lines.append(f"| `{name}`{star} | {_kind(part)} | {_description(part)} |")
    return "\n".join(lines)


def _predicates(properties: Mapping[str, Any]) -> Iterator[str]:
    yield "## Predicates"
    yield "Exactly one of these in an object; `unknown` is pass, fail or ask.\n"
    yield "| predicate | members | holds when |"
    yield "|---|---|---|"
    for name, part in properties.items():
        members = part.get("properties")
        said = _kind(part) if members is None else ", ".join(_members(members))
        yield f"| `{name}` | {said} | {_description(part)} |"


def _members(properties: Mapping[str, Any]) -> Iterator[str]:
    """Those that are of one kind and follow each other share it."""
    for name, part in properties.items():
        after = list(properties)[list(properties).index(name) + 1 :]
        same = bool(after) and properties[after[0]] == part
        yield f"`{name}`" if same or name == "unknown" else f"`{name}`: {_kind(part)}"


def _kind(part: Mapping[str, Any]) -> str:
    if "$ref" in part:
        name = str(part["$ref"]).rpartition("/")[2]
        return "whole number" if name == "natural" else name.replace("_", " ")
    if "enum" in part or "const" in part:
        return " or ".join(f"`{one}`" for one in part.get("enum", [part.get("const")]))
    kind = part["type"]
    if kind == "array":
        return f"list of {_kind(part['items'])}"
    kinds = [kind] if isinstance(kind, str) else kind
    return " or ".join(_PLAIN[one] for one in kinds)


def _description(part: Mapping[str, Any]) -> str:
    own: str = part.get("description", "")
    if own or "$ref" not in part:
        return own
    return str(schema()["$defs"][part["$ref"].rpartition("/")[2]].get("description", ""))


def renewed(document: str) -> str:
    """A document with what stands after its mark made anew."""
    before, mark, _ = document.partition(MARK)
    if not mark:
        raise ValueError(f"the document has no line {MARK}")
    return f"{before}{MARK}\n\n{reference_text()}"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(renewed(file.read_text("utf-8")), "utf-8")
