"""Turns every error into its answer: problem+json for programs, a page for browsers.

Nothing else in the house builds an error answer. What is not foreseen is logged with its
traceback and answered with a reference only.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

from flask import Response, current_app, g, json, redirect, render_template, url_for
from flask import request as http
from jinja2 import TemplateError
from markupsafe import escape
from marshmallow import ValidationError
from psycopg import errors as pg
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError

import app.error_catalogue  # noqa: F401 - fills the catalogue
from app import telemetry
from app.context import Application, is_api, language, request_id
from app.errors import CATALOGUE, CONSTRAINTS, FieldProblem, Flaw, Problem, sentence

log = telemetry.logger("errors")

_BY_STATUS = {
    400: "bad-request",
    401: "sign-in-needed",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "body-too-large",
    415: "body-type",
    422: "invalid",
    429: "too-many",
    503: "try-again",
}
SERVICE_UNAVAILABLE = 503
_KEPT = ("amount", "label")  # of a till's form, which takes them from its address again
_PASSING_TROUBLE = (pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure)


def from_validation(error: ValidationError) -> Problem:
    """The problem `invalid`, each field with its dotted path."""
    return Problem("invalid", fields=_flatten(error.messages, ""))


def _flatten(messages: Any, path: str) -> list[FieldProblem]:
    if isinstance(messages, dict):
        found: list[FieldProblem] = []
        for name, inner in messages.items():
            at = path if name == "_schema" else f"{path}.{name}" if path else str(name)
            found.extend(_flatten(inner, at))
        return found
    return [_field_problem(path or "body", message) for message in messages]


def _field_problem(path: str, message: Any) -> FieldProblem:
    if isinstance(message, Flaw):
        return FieldProblem(path, str(message), message.values)
    if str(message) in CATALOGUE:
        return FieldProblem(path, str(message))
    return FieldProblem(path, "field-invalid", {"what": str(message)})


def from_database(error: DBAPIError) -> Problem | None:
    """The problem that a refused statement stands for; None when it is our defect."""
    if isinstance(error, IntegrityError):
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if name in CONSTRAINTS:
            return Problem(CONSTRAINTS[name])
        return Problem("conflict") if isinstance(error.orig, pg.UniqueViolation) else None
    if isinstance(error.orig, _PASSING_TROUBLE) or isinstance(error, OperationalError):
        return Problem("try-again", headers={"Retry-After": "2"})
    return Problem("bad-characters") if isinstance(error, DataError) else None


# What a browser gets instead of the error's page, by code: `OWN_PAGES["a-code"] = view`.
OWN_PAGES: dict[str, Callable[[], Response]] = {}


def note_refusal(problem: Problem) -> None:
    """For whoever looks into an attack: who was refused what, by its kind and never by its id."""
    if problem.status < 500 and http.url_rule is not None:
        person = g.get("principal")
        log.warning(
            "refused",
            problem_code=problem.code,
            route=f"{http.method} {http.url_rule}",
            person_id=str(person.person_id) if person else None,
        )


def answer(problem: Problem) -> Response:
    """The one answer to a problem, in the language of the request."""
    note_refusal(problem)
    if not is_api() and problem.code in OWN_PAGES:
        return OWN_PAGES[problem.code]()
    response = _json(problem) if is_api() else _page(problem)
    response.status_code = problem.status
    response.headers.extend(problem.headers)
    if problem.status == SERVICE_UNAVAILABLE:  # whatever is away, it comes back by itself
        response.headers.setdefault("Retry-After", "5")
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept-Language")
    return response


def _json(problem: Problem) -> Response:
    body = problem.body(language(), instance=http.path, reference=request_id())
    return Response(json.dumps(body), mimetype="application/problem+json")


def _page(problem: Problem) -> Response:
    """A page that was only asked for doesn't say that nothing was changed: whoever was sent there
    by what they did would read that of it."""
    words = problem.sentence(language())
    if problem.code in ("failure", "try-again") and http.method in ("GET", "HEAD"):
        words = sentence("not-shown", language(), {})
    g.setdefault("principal", None)  # an error page asks the database nothing more
    try:
        html = render_template(
            "errors/problem.html", problem=words, reference=request_id(), way_in=_way_in(problem)
        )
    except (TemplateError, BuildError) as error:
        log.warning("error_page_failed", problem_code=problem.code, kind=type(error).__name__)
        html = (
            f'<!doctype html><html lang="{language()}"><meta charset="utf-8">'
            f"<title>{escape(words.title)} · Civis</title><h1>{escape(words.title)}</h1>"
            f"<p>{escape(words.detail)}</p><p>{escape(words.remedy)}</p>"
            f"<p>{escape(request_id())}</p></html>"
        )
    return Response(html, mimetype="text/html")


def _way_in(problem: Problem) -> str:
    """Where to sign in and come back from, if the page asked for can be asked for again."""
    if problem.status != 401:
        return ""
    try:
        current_app.create_url_adapter(http).match(method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return url_for("sign_in.start")
    typed = {name: http.form[name] for name in _KEPT if http.form.get(name)}
    return url_for("sign_in.start", next=f"{http.path}?{urlencode(typed)}" if typed else http.path)


def _page_above() -> str:
    """Of an address that only takes forms: the page that the form stands on, or nothing.

    A language link, or a telephone that opened its tab anew, asks for the address of a form.
    """
    if is_api() or http.method != "GET" or "//" in http.path:  # never to another host
        return ""
    adapter, path = current_app.create_url_adapter(http), http.path.rstrip("/")
    while adapter is not None and (path := path.rpartition("/")[0]):
        if adapter.test(path, "GET"):
            query = http.query_string.decode("ascii", "ignore")
            return f"{path}?{query}" if query else path
    return ""


def _on_http(error: HTTPException) -> Response:
    if error.code == HTTPStatus.METHOD_NOT_ALLOWED and (above := _page_above()):
        return cast("Response", redirect(above, HTTPStatus.SEE_OTHER))
    if error.response is not None or (error.code or 500) < 400:
        return cast("Response", Response.force_type(error.get_response(), http.environ))
    problem = Problem(_BY_STATUS.get(error.code or 500, "failure"))
    if (error.code or 500) < 500:  # one of ours carries its own status, werkzeug's may be finer
        problem.status = error.code or problem.status
    kept = ("Allow", "Retry-After", "WWW-Authenticate")
    problem.headers = {name: text for name, text in error.get_headers() if name in kept}
    return answer(problem)


def _on_database(error: DBAPIError) -> Response:
    problem = from_database(error)
    if problem is None:
        return _on_defect(error)
    log.warning("database_refused", problem_code=problem.code, kind=type(error.orig).__name__)
    return answer(problem)


def _on_defect(error: Exception) -> Response:
    log.error("defect", reference=request_id(), exc_info=error)
    return answer(Problem("failure"))


def init_app(app: Application) -> None:
    app.register_error_handler(Problem, answer)
    app.register_error_handler(ValidationError, lambda error: answer(from_validation(error)))
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(DBAPIError, _on_database)
    app.register_error_handler(Exception, _on_defect)
