"""Several things to be done, each in a transaction of its own: one that fails stops no other, and
is an alarm of its own until a round in which it doesn't fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import telemetry
from app.chain.errors import TemporaryError
from app.chain.sending.by_key import is_its_own, said
from app.outbox.leases import Fence, LeaseLost
from app.outbox.models import Incident
from app.outbox.service import incident_passed, report_incident
from app.services import Services

log = telemetry.logger("workers")
CODE = "one_fails"
Step = Callable[[Session, datetime, set[UUID]], bool]


class Waits(Exception):  # noqa: N818 - it is a state of the world
    """Of a thing whose time has not come after all: undone, and tried again in the next round."""


class OneByOne:
    """A round. A step does the next thing that was not tried yet, notes which, and says whether
    there was one."""

    def __init__(self, services: Services, fence: Fence) -> None:
        self._services, self._fence = services, fence
        self._tried: set[UUID] = set()
        self._done = 0
        self._failures: dict[str, Exception] = {}

    def run(self, step: Step) -> None:
        """Until there is nothing left. Raises at once what was no single thing's fault."""
        more = True
        while more:
            before = frozenset(self._tried)
            try:
                with self._services.database.transaction() as session:
                    self._fence.check(session)
                    more = step(session, self._services.clock.now(session), self._tried)
                self._done += more
            except Waits:
                continue
            except LeaseLost:
                raise
            except Exception as error:
                if not (new := self._tried - before):
                    raise
                self._failed(str(*new), error)

    @contextmanager
    def apart(self, which: str) -> Iterator[None]:
        """One of a list that its caller goes through; raises at once what is no single one's
        fault."""
        try:
            yield
        except (LeaseLost, TemporaryError):
            raise
        except Exception as error:  # noqa: BLE001 - `done` raises it
            self._failed(which, error)

    def _failed(self, which: str, error: Exception) -> None:
        log.warning("one_failed", job=self._fence.name, which=which, error=said(error))
        self._failures[which] = error

    def done(self) -> int:
        """How many; raises, at last, all that failed, and names each."""
        self._name()
        if self._failures:
            raise ExceptionGroup("some failed, the others are done", list(self._failures.values()))
        return self._done

    def _name(self) -> None:
        job = self._fence.name
        own = {which: error for which, error in self._failures.items() if is_its_own(error)}
        now_fail = {f"{job}:{which}": error for which, error in own.items()}
        with self._services.database.session() as session:
            over = _open(session, job) - set(now_fail)
        if not now_fail and not over:
            return
        with self._services.database.transaction() as session:
            self._fence.check(session)
            now = self._services.clock.now(session)
            for about, error in now_fail.items():
                detail = f"{job}, {about.partition(':')[2]}: {said(error)}"
                report_incident(session, code=CODE, detail=detail, now=now, reference=about)
            for about in over:
                incident_passed(session, code=CODE, now=now, reference=about)


def _open(session: Session, job: str) -> set[str]:
    query = select(col(Incident.reference)).where(
        col(Incident.code) == CODE,
        col(Incident.acknowledged_at).is_(None),
        col(Incident.reference).startswith(f"{job}:", autoescape=True),
    )
    return {about for about in session.scalars(query) if about}
