"""A client that holds every answer of /api/v1 against what the document says of it."""

from __future__ import annotations

from typing import Any

from flask import Flask, json
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from app.api_document.document import _ARGUMENT, document

MINE = "/api/v1/"


class CheckedClient(FlaskClient):
    """Fails where status, media type or body isn't as declared for the operation."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        answer = super().open(*args, **options)
        request = answer.request
        if request.path.startswith(MINE) and not request.path.endswith("/openapi.json"):
            check_answer(self.application, request.method, request.path, answer)
        return answer


def check_answer(app: Flask, method: str, path: str, answer: TestResponse) -> None:
    """Raises AssertionError naming the operation and what differs."""
    rule = _rule(app, method, path)
    if rule is None or answer.status_code >= 500:
        return
    shown = _document(app)
    responses = shown["paths"][rule][method.lower()]["responses"]
    where = f"{method} {rule} {answer.status_code}"
    assert str(answer.status_code) in responses, f"{where} isn't in the document"
    declared = responses[str(answer.status_code)]
    if "$ref" in declared:
        declared = shown["components"]["responses"][declared["$ref"].rpartition("/")[2]]
    content = declared.get("content", {})
    if not content or not answer.get_data():
        return
    assert answer.mimetype in content, f"{where}: {answer.mimetype}"
    if answer.mimetype in {"application/json", "application/problem+json"}:
        schema = {**content[answer.mimetype]["schema"], "components": shown["components"]}
        checker = Draft202012Validator.FORMAT_CHECKER
        flaws = Draft202012Validator(schema, format_checker=checker).iter_errors(answer.get_json())
        found = [f"{flaw.json_path}: {flaw.message[:300]}" for flaw in flaws]
        assert not found, f"{where}: {found}"


_DOCUMENTS: dict[frozenset[tuple[str, Any]], dict[str, Any]] = {}


def _document(app: Flask) -> dict[str, Any]:
    """Made once for all applications that serve the same: each module's tests have their own."""
    if "checked-document" not in app.extensions:
        views = app.view_functions
        rules = [one for one in app.url_map.iter_rules() if one.rule.startswith(MINE)]
        served = frozenset((str(one), views[one.endpoint]) for one in rules)
        if served not in _DOCUMENTS:
            _DOCUMENTS[served] = json.loads(json.dumps(document(app)))
        app.extensions["checked-document"] = _DOCUMENTS[served]
    shown: dict[str, Any] = app.extensions["checked-document"]
    return shown


def _rule(app: Flask, method: str, path: str) -> str | None:
    """The document's path of a request; None where nothing is served."""
    try:
        found, _ = app.url_map.bind("").match(path, method=method, return_rule=True)
    except HTTPException:
        return None
    return None if method in {"HEAD", "OPTIONS"} else _ARGUMENT.sub(r"{\2}", found.rule)
