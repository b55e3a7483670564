"""How often: tries are counted per key and window in the unlogged table `attempt`.

    @limited("sign-in", quota=5, window=600)     under the auth decorator, by caller
    spend("presence:" + number, quota=5, window=600)   by a key of the use case's own

Counting is a short transaction of its own, so that refused requests count too. Every write
route without its own limit has the common one. Keys are stored as keyed hashes: no address of
a person or machine lies in the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from flask import Response, g, request
from sqlalchemy import text

from app.context import Application, services
from app.errors import Problem
from app.privacy.service import keyed_hash

View = Callable[..., Any]

WRITES_QUOTA, WRITES_WINDOW = 1200, 60  # a busy till or a partner's system, not a flood
_MARK = "__civis_limited__"
_COUNT = text(
    "insert into attempt (key, window_ends, count) values (:key, :ends, 1) "
    "on conflict (key, window_ends) do update set count = attempt.count + 1 returning count"
)


@dataclass(frozen=True)
class Allowance:
    """What is left after this try."""

    name: str
    quota: int
    window: int
    left: int
    seconds: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.quota};w={self.window}',
            "RateLimit": f'"{self.name}";r={self.left};t={self.seconds}',
        }


def spend(name: str, key: str, *, quota: int, window: int) -> Allowance:
    """Counts one try. Raises too-many (429) once `quota` tries are spent in the window."""
    parts = services()
    with parts.database.transaction() as session:
        session.execute(text("set local synchronous_commit = off"))
        at = parts.clock.now(session)
        ends = _window_end(at, window)
        hashed = keyed_hash(session, "attempt", name, key).hex()
        count = session.execute(_COUNT, {"key": hashed, "ends": ends}).scalar_one()
    seconds = max(1, int((ends - at).total_seconds()))
    allowance = Allowance(name, quota, window, max(0, quota - count), seconds)
    if count > quota:
        headers = allowance.headers() | {"Retry-After": str(seconds)}
        raise Problem("too-many", headers=headers, quota=quota, window=window, wait=seconds)
    return allowance


def _window_end(at: datetime, window: int) -> datetime:
    began = int(at.timestamp()) // window * window
    return datetime.fromtimestamp(began, tz=at.tzinfo) + timedelta(seconds=window)


def limited(name: str, *, quota: int, window: int) -> Callable[[View], View]:
    """Limits a route by person, or by address when nobody is signed in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(*args: Any, **kwargs: Any) -> Any:
            g.allowance = spend(name, caller(), quota=quota, window=window)
            return view(*args, **kwargs)

        setattr(counted, _MARK, True)
        return counted

    return decorate


def caller() -> str:
    """The signed-in person, else the address that the connection comes from."""
    person = g.get("principal")
    return str(person.person_id) if person is not None else f"address:{request.remote_addr}"


def check_writes(view: Callable[..., Any], person: str) -> None:
    """The common limit, for a write whose route has none of its own."""
    if request.method in {"GET", "HEAD", "OPTIONS"} or getattr(view, _MARK, False):
        return
    key = person or caller()
    g.allowance = spend("writes", key, quota=WRITES_QUOTA, window=WRITES_WINDOW)


def init_app(app: Application) -> None:
    app.after_request(_tell)


def _tell(response: Response) -> Response:
    allowance: Allowance | None = g.get("allowance")
    if allowance is not None:
        for name, value in allowance.headers().items():
            response.headers.setdefault(name, value)
    return response
