"""The refusals that an operation may answer with, and the headers that answers carry.

One response for each HTTP status, with the codes of that status from the catalogue: what a
program may depend on is the code, never the sentence.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from app.errors import CATALOGUE
from app.fields import SOMETIMES, List, Nested, Output, Text, WholeNumber
from app.openapi import Declared

BODY_METHODS = frozenset({"post", "put", "patch"})
STATUSES = (400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503)
PROBLEM = {"$ref": "#/components/schemas/ProblemOut"}
CODES = {"$ref": "#/components/schemas/ProblemCode"}
HEADERS = {
    "ETag": "Send it back as If-None-Match: 304 without a body while nothing has changed.",
    "RateLimit": '`"name";r=left;t=seconds until the window ends`, on limited requests.',
    "RateLimit-Policy": '`"name";q=quota;w=window in seconds`.',
    "Retry-After": "Seconds to wait before sending it again.",
}


class FieldFlaw(Output):
    """One wrong field and what is wrong with it."""

    field = Text(required=True)
    code = Text(required=True)
    detail = Text(required=True)
    remedy = Text(required=True)


class ProblemOut(Output):
    """RFC 9457. `code` is stable; `reference` is what to say when asking for help."""

    type = Text(required=True)
    title = Text(required=True)
    status = WholeNumber(required=True)
    detail = Text(required=True)
    instance = Text(required=True)
    code = Text(required=True)
    remedy = Text(required=True)
    reference = Text(required=True)
    errors = List(Nested(FieldFlaw), metadata=SOMETIMES)


def header_components() -> dict[str, Any]:
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in _headers()}


def _headers() -> list[tuple[str, str]]:
    return sorted(HEADERS.items())


def problem_code() -> dict[str, Any]:
    """All codes, with status and title."""
    lines = [f"`{code}` ({one.status}): {one.words['en'][0]}" for code, one in _catalogue()]
    codes = [code for code, _ in _catalogue()]
    return {"type": "string", "enum": codes, "description": "  \n".join(lines)}


def _catalogue() -> list[tuple[str, Any]]:
    return sorted(CATALOGUE.items())


def response_components() -> dict[str, Any]:
    """`Problem409` and its like, and `NotModified`."""
    found = {f"Problem{status}": _response(status) for status in STATUSES}
    found["NotModified"] = {"description": "Nothing has changed since that ETag."}
    return found


def _response(status: int) -> dict[str, Any]:
    codes = [code for code, one in _catalogue() if one.status == status]
    own = {"properties": {"code": {"enum": codes}, "status": {"const": status}}}
    shown: dict[str, Any] = {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(codes)}.",
        "content": {"application/problem+json": {"schema": {"allOf": [PROBLEM], **own}}},
    }
    if status in (429, 503):
        shown["headers"] = headers_of("Retry-After")
    return shown


def headers_of(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def refusals(noted: Declared, method: str, *, public: bool, limited: bool) -> dict[str, Any]:
    """The responses of an operation besides the good one; a 409 of a read is none."""
    write, takes = method != "get", noted.body is not None or noted.body_media[-4:] != "json"
    when = {
        400: write or noted.query is not None,
        401: not public or write,
        403: not public or write,
        404: True,
        409: write or not public,
        410: write or not public,
        413: method in BODY_METHODS,
        415: takes,
        422: write or noted.query is not None or not public,
        429: limited,
        503: True,
    }
    found: dict[str, Any] = {
        str(status): {"$ref": f"#/components/responses/Problem{status}"}
        for status in STATUSES
        if when[status]
    }
    if noted.etag:
        found["304"] = {"$ref": "#/components/responses/NotModified"}
    content = {"application/problem+json": {"schema": ProblemOut}}
    found["default"] = {"description": "Any other problem.", "content": content}
    return found
