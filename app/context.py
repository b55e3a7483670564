"""A web request is one transaction: the view runs, its answer is built, then it is committed.

    services()     settings, database, clock, keyring of this process
    db_session()   the request's session; use cases write to it and never commit
    now()          the clock's time when the request was first looked at: one instant for all of it
    request_id()   the reference that a person reads out, and that every log line carries

If the commit fails the client gets the problem, never the success. See
docs/adr/0001-who-commits.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from flask import Flask, Response, current_app, g, has_request_context, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.errors import Problem
from app.lazy_routes import LazyRule
from app.services import Services

LANGUAGE_COOKIE = "civis_lang"
_SIGNS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that is misread aloud


class Application(Flask):
    """Flask, with the request's transaction ended before its answer leaves."""

    url_rule_class = LazyRule

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is a coroutine; Flask would look at each function that a request meets."""
        return func

    def dispatch_request(self) -> ResponseReturnValue:
        try:
            answer = self.make_response(super().dispatch_request())
        except Problem as problem:
            _end(commit=problem.keep)
            raise
        except BaseException:
            _end(commit=False)
            raise
        _end(commit=answer.status_code < 400)
        return answer


def _end(*, commit: bool) -> None:
    session: Session | None = g.get("db_session")
    if session is not None:
        if commit:
            session.commit()
        else:
            session.rollback()


def services() -> Services:
    return cast("Services", current_app.extensions["civis"])


def db_session() -> Session:
    """Opened at first use, closed with the request."""
    if "db_session" not in g:
        g.db_session_context = services().database.session()
        g.db_session = g.db_session_context.__enter__()
    return cast("Session", g.db_session)


def now() -> datetime:
    if "now" not in g:
        g.now = services().clock.now(db_session())
    return cast("datetime", g.now)


def request_id() -> str:
    """Ten signs in two groups, such as 7KMPQ-X2BRT."""
    if not has_request_context():
        return ""
    if "request_id" not in g:
        drawn, signs = secrets.randbelow(len(_SIGNS) ** 10), ""
        for _ in range(10):
            drawn, sign = divmod(drawn, len(_SIGNS))
            signs += _SIGNS[sign]
        g.request_id = f"{signs[:5]}-{signs[5:]}"
    return cast("str", g.request_id)


def is_api() -> bool:
    """Whether a program asks: it gets problem+json, a browser gets a page."""
    return request.path.startswith("/api/")


def cookie_name(name: str) -> str:
    """With https the browser itself guarantees that only this very host set the cookie."""
    https = services().settings.public_url.startswith("https://")
    return f"__Host-{name}" if https else name


def language() -> str:
    """The request's language among those offered; French when nothing fits."""
    offered = services().settings.languages
    asked = request.args.get("lang") or request.cookies.get(cookie_name(LANGUAGE_COOKIE))
    if asked in offered:
        return asked
    return request.accept_languages.best_match(offered) or offered[0]


def init_app(app: Application, parts: Services) -> None:
    app.extensions["civis"] = parts
    app.teardown_appcontext(_close)
    app.after_request(_name_request)


def _close(_error: BaseException | None) -> None:
    context = g.pop("db_session_context", None)
    g.pop("db_session", None)
    if context is not None:
        context.__exit__(None, None, None)


def _name_request(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id()
    return response
