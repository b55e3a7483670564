"""The document turned into what its page shows: operations by tag, fields as rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True)
class Row:
    """A parameter or field; `schema` is the name of what it links to, or empty."""

    name: str
    kind: str
    schema: str
    required: bool
    words: str


@dataclass(frozen=True)
class Shown:
    """An operation. `answers`: status and schema; `refusals`: statuses."""

    id: str
    method: str
    path: str
    words: str
    parameters: list[Row]
    body: str
    body_rows: list[Row]
    example: Any
    status: str
    answer: str
    answer_rows: list[Row]
    refusals: list[str]


def sections(document: dict[str, Any]) -> list[tuple[str, str, list[Shown]]]:
    """(tag, description, operations), in the document's order of tags."""
    found: dict[str, list[Shown]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            found.setdefault(operation["tags"][0], []).append(
                _shown(document, path, method, operation)
            )
    words = {tag["name"]: tag["description"] for tag in document["tags"]}
    order = [*(name for name in words if name in found), *(n for n in found if n not in words)]
    return [(name, words.get(name, ""), found[name]) for name in order]


def rows_of(schema: dict[str, Any]) -> list[Row]:
    """The fields of an object's schema."""
    required = schema.get("required", [])
    return [_row(name, one, name in required) for name, one in schema.get("properties", {}).items()]


def _shown(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Shown:
    schemas = document["components"]["schemas"]
    body = _schema_in(operation.get("requestBody", {}))
    good = next(status for status in operation["responses"] if status.startswith("2"))
    answer = _schema_in(operation["responses"][good])
    return Shown(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        words=operation["description"],
        parameters=[_parameter(one) for one in operation["parameters"]],
        body=body,
        body_rows=rows_of(schemas.get(body, {})),
        example=next(iter(schemas.get(body, {}).get("examples", [])), None),
        status=good,
        answer=answer,
        answer_rows=rows_of(schemas.get(answer, {})),
        refusals=[s for s in operation["responses"] if s[0] in "345"],
    )


def _schema_in(holder: dict[str, Any]) -> str:
    """The name of the schema; a media type where the content is none of ours."""
    for media, content in holder.get("content", {}).items():
        return _named(content["schema"]) or str(media)
    return ""


def _parameter(one: dict[str, Any]) -> Row:
    kind = _row(one["name"], one["schema"], bool(one.get("required")))
    words = one.get("description", kind.words)
    return Row(kind.name, f"{one['in']}, {kind.kind}", "", kind.required, words)


def _row(name: str, schema: dict[str, Any], required: bool) -> Row:
    return Row(name, _kind(schema), _linked(schema), required, schema.get("description", ""))


def _linked(schema: dict[str, Any]) -> str:
    for one in (schema, schema.get("items", {}), *schema.get("anyOf", [])):
        if name := _named(one):
            return name
    return ""


def _named(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).removeprefix(SCHEMAS)


def _kind(schema: dict[str, Any]) -> str:
    kinds = schema.get("type", [])
    words = [kinds] if isinstance(kinds, str) else [str(kind) for kind in kinds]
    if any(one.get("type") == "null" for one in schema.get("anyOf", [])):
        words.append("null")
    limits = [
        f"{sign} {schema[key]}"
        for key, sign in (("minimum", "≥"), ("maximum", "≤"))
        if key in schema
    ]
    choices = " | ".join(str(one) for one in schema.get("enum", []) if one is not None)
    return ", ".join(filter(None, [" or ".join(words), schema.get("format"), *limits, choices]))
