"""How far the visitor of the demo has come, and the demo's one act of dishonesty.

Steps are remembered in a cookie of this browser; they say nothing about a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, g, request
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.browser_security import set_cookie
from app.context import cookie_name

COOKIE = "civis_tour"
STEPS = ("code", "deed", "bread", "figure", "audit")
ADDED = 1000

# The raw log stays true, so the projection can be compared with it and made anew from it.
_ALTERED = text("""
    select exists (select 1 from published_cell cell join chain_log log
      on log.block_hash = cell.block_hash and log.event = 'CellPublished'
      and (log.arguments->>'index')::int = cell.position
      and (log.arguments->>'period')::int = cell.period
    where (log.arguments->'cell'->>'actions')::bigint <> cell.actions)
""")
_ALTER = text("""
    update published_cell set actions = actions + :added where ctid = (
      select ctid from published_cell where not correction
      order by actions desc, block_number desc limit 1)
""")
_RESTORE = text("""
    update published_cell cell set actions = (log.arguments->'cell'->>'actions')::bigint
    from chain_log log
    where log.event = 'CellPublished' and log.block_hash = cell.block_hash
      and (log.arguments->>'index')::int = cell.position
      and (log.arguments->>'period')::int = cell.period
""")


@dataclass(frozen=True)
class TourState:
    code: bool
    deed: bool
    bread: bool
    figure: bool
    audit: bool


def read() -> TourState:
    done = _done()
    return TourState(*(step in done for step in STEPS))


def mark(step: str) -> None:
    """The visitor has done this step; written with the answer."""
    g.tour_steps = _done() | {step}


def _done() -> set[str]:
    if "tour_steps" in g:
        return set(g.tour_steps)
    return set(request.cookies.get(cookie_name(COOKIE), "").split(".")) & set(STEPS)


def keep(response: Response) -> Response:
    """After each request: the steps go into the cookie."""
    if "tour_steps" in g:
        set_cookie(response, COOKIE, ".".join(sorted(g.tour_steps)))
    return response


def is_altered(session: Session) -> bool:
    return bool(session.scalar(_ALTERED))


def alter(session: Session) -> None:
    session.execute(_ALTER, {"added": ADDED})


def restore(session: Session) -> None:
    session.execute(_RESTORE)
