"""The OpenAPI 3.1 document of /api/v1, read off the routes, and a page that lists it.

Both are public. The page needs nothing from elsewhere and no script.
"""

from __future__ import annotations

import re
from typing import Any, cast

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Flask, Response, current_app, json, render_template
from marshmallow import Schema
from marshmallow.fields import Field as BaseField
from werkzeug.routing import Rule

from app import chain_fields, fields
from app.fields import Output
from app.idempotency import IDEMPOTENT_MARK
from app.openapi import DOCUMENT_MARK, Declared
from app.security import PUBLIC, auth_of, public

blueprint = Blueprint("openapi", __name__)
_ARGUMENT = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
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
    chain_fields.Address: ("string", None),
    chain_fields.HexBytes: ("string", None),
}


class FieldFlaw(Output):
    field = fields.Text(required=True)
    code = fields.Text(required=True)
    detail = fields.Text(required=True)
    remedy = fields.Text(required=True)


class ProblemOut(Output):
    """RFC 9457. `code` is stable; `reference` is what to say when asking for help."""

    type = fields.Text(required=True)
    title = fields.Text(required=True)
    status = fields.WholeNumber(required=True)
    detail = fields.Text(required=True)
    instance = fields.Text(required=True)
    code = fields.Text(required=True)
    remedy = fields.Text(required=True)
    reference = fields.Text(required=True)
    errors = fields.List(fields.Nested(FieldFlaw))


def _bounds(_converter: Any, field: Any, **_kwargs: Any) -> dict[str, Any]:
    """Limits of our fields as JSON Schema says them."""
    shown: dict[str, Any] = {}
    if isinstance(field, fields.WholeNumber):
        shown = {"minimum": field.low, "maximum": field.high}
    elif isinstance(field, fields.BigIntString):
        shown = {"pattern": "^-?(0|[1-9][0-9]*)$"}
    elif isinstance(field, fields.Text):
        shown = {"minLength": field.low, "maxLength": field.high}
    elif isinstance(field, fields.Choice):
        shown = {"enum": [*field.choices, *([None] if field.allow_none else [])]}
    elif isinstance(field, chain_fields.Address):
        shown = {"pattern": "^0x[0-9a-fA-F]{40}$"}
    elif isinstance(field, chain_fields.HexBytes):
        shown = {"pattern": f"^0x[0-9a-fA-F]{{{2 * field.size}}}$"}
    return shown


def document(app: Flask) -> dict[str, Any]:
    """The whole document."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(
        title="Civis",
        version="1",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": "Amounts are integers in cents, times RFC 3339, ids UUIDs."},
    )
    assert plugin.converter is not None  # noqa: S101 - set by APISpec above
    for kind, shown in _KINDS.items():
        plugin.map_to_openapi_type(kind, *shown)  # type: ignore[no-untyped-call]
    plugin.converter.add_attribute_function(_bounds)  # type: ignore[no-untyped-call]
    scheme = {"type": "http", "scheme": "bearer"}
    spec.components.security_scheme("bearer", scheme)
    for rule in _rules(app):
        for method in _methods(rule):
            path = _ARGUMENT.sub(r"{\2}", rule.rule)
            operation = _operation(rule, method, app.view_functions[rule.endpoint])
            spec.path(path=path, operations={method: operation})
    return spec.to_dict()


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return cast("type[Schema]", kind).__name__


def _rules(app: Flask) -> list[Rule]:
    found = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    return sorted(found, key=lambda rule: rule.rule)


def _methods(rule: Rule) -> list[str]:
    return sorted(m.lower() for m in rule.methods or () if m not in {"HEAD", "OPTIONS"})


def _operation(rule: Rule, method: str, view: Any) -> dict[str, Any]:
    noted: Declared = getattr(view, DOCUMENT_MARK, None) or Declared()
    text = " ".join((view.__doc__ or "").split())
    auth = auth_of(view) or "?"
    operation: dict[str, Any] = {
        "operationId": f"{rule.endpoint.replace('.', '_')}_{method}",
        "tags": [rule.endpoint.partition(".")[0]],
        "summary": text.partition(". ")[0].rstrip("."),
        "description": f"{text} For: {auth}.".strip(),
        "security": [] if auth == PUBLIC else [{"bearer": []}],
        "parameters": _parameters(rule, noted, getattr(view, IDEMPOTENT_MARK, False)),
        "responses": _responses(noted),
    }
    if method in {"post", "put", "patch"} and (noted.body or noted.body_media[-4:] != "json"):
        content: Any = {"schema": noted.body} if noted.body else {"schema": {"type": "string"}}
        operation["requestBody"] = {"required": True, "content": {noted.body_media: content}}
    return operation


def _parameters(rule: Rule, noted: Declared, key_needed: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for kind, name in _ARGUMENT.findall(rule.rule):
        schema = {"int": {"type": "integer"}, "uuid": {"type": "string", "format": "uuid"}}
        found.append(
            {
                "in": "path",
                "name": name,
                "required": True,
                "schema": schema.get(kind, {"type": "string"}),
            }
        )
    if noted.query is not None:
        found.append({"in": "query", "schema": noted.query})
    if key_needed:
        text = {"type": "string", "minLength": 8, "maxLength": 128}
        found.append({"in": "header", "name": "Idempotency-Key", "required": True, "schema": text})
    return found


def _responses(noted: Declared) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done."}
    if noted.answer is not None:
        good["content"] = {"application/json": {"schema": noted.answer}}
    elif noted.media != "application/json":
        good["content"] = {noted.media: {"schema": {"type": "string"}}}
    problem = {"application/problem+json": {"schema": ProblemOut}}
    return {
        str(noted.status): good,
        "default": {"description": "A problem.", "content": problem},
    }


def _current() -> dict[str, Any]:
    """Built once per process: routes don't change while it runs."""
    cache = current_app.extensions.setdefault("civis.openapi", {})
    if not cache:
        cache.update(document(current_app))
    return cast("dict[str, Any]", cache)


@blueprint.get("/api/v1/openapi.json")
@public
def openapi() -> Response:
    """This document."""
    return Response(json.dumps(_current(), sort_keys=False), mimetype="application/json")


@blueprint.get("/api/docs")
@public
def docs() -> Response:
    """The same for people."""
    return Response(render_template("api_docs.html", document=_current()), mimetype="text/html")
