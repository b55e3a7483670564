"""The OpenAPI 3.1 document of /api/v1, read off the routes, and a page that lists it.

Both are public. The page needs nothing from elsewhere and no script.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, cast

from apispec import APISpec
from flask import Blueprint, Flask, Response, current_app, json, render_template
from marshmallow import Schema
from werkzeug.routing import Rule

from app.api_document.fields import describe_fields, described_plugin
from app.api_document.introduction import INTRODUCTION, TAGS, TOKEN
from app.api_document.page import rows_of, sections
from app.api_document.responses import (
    CODES,
    ProblemOut,
    header_components,
    headers_of,
    problem_code,
    refusals,
    response_components,
)
from app.idempotency import IDEMPOTENT_MARK
from app.limits import is_limited
from app.openapi import DOCUMENT_MARK, Declared
from app.security import PUBLIC, auth_of, public

blueprint = Blueprint("openapi", __name__)
_ARGUMENT = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")


def document(app: Flask) -> dict[str, Any]:
    """The whole document."""
    plugin = described_plugin(_name)
    spec = APISpec(
        title="Civis",
        version="1",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": INTRODUCTION},
        servers=[{"url": app.extensions["civis"].settings.public_url}],
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    describe_fields(plugin)
    _components(spec)
    rules = [(rule, method) for rule in _rules(app) for method in _methods(rule)]
    names = Counter(rule.endpoint.rpartition(".")[2] for rule, _ in rules)
    for rule, method in rules:
        path = _ARGUMENT.sub(r"{\2}", rule.rule)
        operation = _operation(rule, method, app.view_functions[rule.endpoint], names)
        spec.path(path=path, operations={method: operation})
    return _with_codes(spec.to_dict())


def _components(spec: APISpec) -> None:
    spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "description": TOKEN}
    )
    spec.components.schema("ProblemOut", schema=ProblemOut)
    spec.components.schema("ProblemCode", problem_code())
    for name, response in response_components().items():
        spec.components.response(name, response)
    for name, header in header_components().items():
        spec.components.header(name, header)


def _with_codes(shown: dict[str, Any]) -> dict[str, Any]:
    """Problems name their codes from one list."""
    for name in ("ProblemOut", "FieldFlaw"):
        shown["components"]["schemas"][name]["properties"]["code"] = CODES
    return shown


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return cast("type[Schema]", kind).__name__


def _rules(app: Flask) -> list[Rule]:
    found = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    return sorted(found, key=lambda rule: rule.rule)


def _methods(rule: Rule) -> list[str]:
    return sorted(m.lower() for m in rule.methods or () if m not in {"HEAD", "OPTIONS"})


def _operation(rule: Rule, method: str, view: Any, names: Counter[str]) -> dict[str, Any]:
    noted: Declared = getattr(view, DOCUMENT_MARK, None) or Declared()
    text = " ".join((view.__doc__ or "").split())
    auth = auth_of(view) or "?"
    tag, _, name = rule.endpoint.rpartition(".")
    tag = tag.removesuffix("_api")
    public, limited = auth == PUBLIC, is_limited(view, method)
    operation: dict[str, Any] = {
        "operationId": name if names[name] == 1 else f"{tag}_{name}",
        "tags": [tag],
        "summary": text.partition(". ")[0].rstrip("."),
        "description": f"{text} For: {auth}.".strip(),
        "security": [] if public else [{"bearer": []}],
        "parameters": _parameters(rule, noted, getattr(view, IDEMPOTENT_MARK, False)),
        "responses": _good(noted, limited=limited)
        | refusals(noted, method, public=public, limited=limited),
    }
    if method in {"post", "put", "patch"} and (noted.body or noted.body_media[-4:] != "json"):
        content: Any = {"schema": noted.body} if noted.body else {"schema": {"type": "string"}}
        required = not noted.body_optional
        operation["requestBody"] = {"required": required, "content": {noted.body_media: content}}
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


def _good(noted: Declared, *, limited: bool) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done."}
    names = (["ETag"] if noted.etag else []) + (
        ["RateLimit", "RateLimit-Policy"] if limited else []
    )
    if names:
        good["headers"] = headers_of(*names)
    if noted.answer is not None:
        good["content"] = {"application/json": {"schema": noted.answer}}
    elif noted.media != "application/json":
        good["content"] = {noted.media: {"schema": {"type": "string"}}}
    return {str(noted.status): good}


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
    shown = _current()
    schemas = shown["components"]["schemas"].items()
    page = render_template(
        "api_docs.html",
        document=shown,
        sections=sections(shown),
        objects=[(name, rows_of(one)) for name, one in schemas if "properties" in one],
    )
    return Response(page, mimetype="text/html")
