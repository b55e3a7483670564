"""What the document says of a field: its kind, bounds and words, as JSON Schema has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema
from marshmallow.fields import Field as BaseField

from app import chain_fields, fields
from app.api_document.examples import EXAMPLES
from app.api_document.words import words_of
from app.fields import Output

_KINDS: dict[type[BaseField[Any]], tuple[str, str | None]] = {
    fields.WholeNumber: ("integer", "int64"),
    fields.QueryNumber: ("integer", "int64"),
    fields.Cents: ("integer", "int64"),
    fields.BigIntString: ("string", None),
    fields.Text: ("string", None),
    fields.Email: ("string", "email"),
    fields.Flag: ("boolean", None),
    fields.Id: ("string", "uuid"),
    fields.UtcTime: ("string", "date-time"),
    fields.Day: ("string", "date"),
    fields.Choice: ("string", None),
    fields.Quantity: ("integer", "int64"),
    chain_fields.Address: ("string", None),
    chain_fields.HexBytes: ("string", None),
}


class _Converter(OpenAPIConverter):
    """Says of a schema what its docstring says, with an example where there is one."""

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        shown = cast("dict[str, Any]", super().schema2jsonschema(schema))  # type: ignore[no-untyped-call]
        kind = schema if isinstance(schema, type) else type(schema)
        if kind.__doc__:
            shown["description"] = " ".join(kind.__doc__.split())
        if kind.__name__ in EXAMPLES:
            shown["examples"] = [EXAMPLES[kind.__name__]]
        return shown


class _Plugin(MarshmallowPlugin):
    Converter = _Converter


def _words(_converter: Any, field: Any, **_kwargs: Any) -> dict[str, Any]:
    """What the glossary says of a field."""
    if not isinstance(field.parent, Schema):
        return {}
    words = words_of(type(field.parent).__name__, field.name)
    return {"description": words} if words else {}


def _nullable(_converter: Any, field: Any, **_kwargs: Any) -> dict[str, Any]:
    """An object of no schema: its type is from the metadata, which knows no null."""
    if isinstance(field, fields.Quantity):
        return {"type": "integer"}
    kind = field.metadata.get("type")
    return {"type": [kind, "null"]} if kind and field.allow_none else {}


def _bounds(_converter: Any, field: Any, **_kwargs: Any) -> dict[str, Any]:
    """Limits of our fields as JSON Schema says them; an answer's are its lower ones alone."""
    shown: dict[str, Any] = {}
    sent = isinstance(field.root, Output)
    if isinstance(field, fields.WholeNumber):
        shown = {"minimum": field.low} | ({} if sent else {"maximum": field.high})
    elif isinstance(field, fields.BigIntString):
        shown = {"pattern": "^-?(0|[1-9][0-9]*)$"}
    elif isinstance(field, fields.Text) and not sent:
        shown = {"minLength": field.low, "maxLength": field.high}
    elif isinstance(field, fields.Choice):
        shown = {"enum": [*field.choices, *([None] if field.allow_none else [])]}
    elif isinstance(field, chain_fields.Address):
        shown = {"pattern": "^0x[0-9a-fA-F]{40}$"}
    elif isinstance(field, chain_fields.HexBytes):
        shown = {"pattern": f"^0x[0-9a-fA-F]{{{2 * field.size}}}$"}
    return shown


def described_plugin(name_of: Callable[[Any], str]) -> MarshmallowPlugin:
    return _Plugin(schema_name_resolver=name_of)


def describe_fields(plugin: MarshmallowPlugin) -> None:
    """Once the specification has taken the plugin in."""
    assert plugin.converter is not None  # noqa: S101 - set by APISpec
    for kind, shown in _KINDS.items():
        plugin.map_to_openapi_type(kind, *shown)  # type: ignore[no-untyped-call]
    for function in (_bounds, _nullable, _words):
        plugin.converter.add_attribute_function(function)  # type: ignore[no-untyped-call]
