"""How often: tries are counted per key and window in the unlogged table `attempt`.

    @limited("sign-in", quota=5, window=600)     under the auth decorator, by caller
    spend("presence:" + number, quota=5, window=600)   by a key of the use case's own

Counting is one statement and a transaction of its own, so that refused requests count too; the
table being unlogged, it waits for no disk. Every write route without its own limit has the common
one; a program's write is counted by the statement that finds its session (app.identity.door).
Keys are stored as keyed hashes: no address of a person or machine lies in the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, wraps
from typing import Any
from uuid import UUID

from flask import Response, g, request

from app.context import Application, services
from app.driver import Fixed
from app.errors import Problem
from app.identity.door import WINDOW_ENDS, Count
from app.networks import network
from app.privacy.service import pseudonym

View = Callable[..., Any]

WRITES_QUOTA, WRITES_WINDOW = 1200, 60  # a busy till or a partner's system, not a flood
_WRITES = "writes"
_MARK = "__civis_limited__"
_COUNT = """
with clock as materialized (select {now} as at)
select count_try(%(key)s, {window_ends}), clock.at from clock
"""


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
    values = {"key": hashed(name, key), "window": window}
    [(count, at)] = parts.database.singles.rows(_statement(parts.clock.sql), values)
    return _allowance(name, count, at, quota=quota, window=window)


def hashed(name: str, key: str) -> str:
    return pseudonym(services().keyring, "attempt", name, key).hex()


@cache
def _statement(clock_sql: str) -> Fixed:
    return Fixed(_COUNT.format(now=clock_sql, window_ends=WINDOW_ENDS.format(at="clock.at")))


def _allowance(name: str, count: int, at: datetime, *, quota: int, window: int) -> Allowance:
    seconds = window - int(at.timestamp()) % window
    allowance = Allowance(name, quota, window, max(0, quota - count), seconds)
    if count > quota:
        headers = allowance.headers() | {"Retry-After": str(seconds)}
        raise Problem("too-many", headers=headers, quota=quota, window=window, wait=seconds)
    return allowance


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
    """The signed-in person, else the network that the connection comes from."""
    person = g.get("principal")
    if person is not None:
        return str(person.person_id)
    return f"address:{network(request.remote_addr or '')}"


def has_common_limit(view: View) -> bool:
    """Whether this request is a write whose route has no limit of its own."""
    return request.method not in {"GET", "HEAD", "OPTIONS"} and not getattr(view, _MARK, False)


def is_limited(view: View, method: str) -> bool:
    """Whether requests of this kind are counted at all, for the document."""
    return method.upper() not in {"GET", "HEAD", "OPTIONS"} or getattr(view, _MARK, False)


def a_write_of(person_id: UUID) -> Count:
    """What the door counts for a person's write."""
    return Count(person_id, hashed(_WRITES, str(person_id)), WRITES_WINDOW)


def check_writes(view: View, person: str, counted: tuple[int, datetime] | None = None) -> None:
    """The common limit; `counted`: how many and when, where the door has counted this one."""
    if not has_common_limit(view):
        return
    if counted is None:
        g.allowance = spend(_WRITES, person or caller(), quota=WRITES_QUOTA, window=WRITES_WINDOW)
    else:
        count, at = counted
        g.allowance = _allowance(_WRITES, count, at, quota=WRITES_QUOTA, window=WRITES_WINDOW)


def init_app(app: Application) -> None:
    app.after_request(_tell)


def _tell(response: Response) -> Response:
    allowance: Allowance | None = g.get("allowance")
    if allowance is not None:
        for name, value in allowance.headers().items():
            response.headers.setdefault(name, value)
    return response
