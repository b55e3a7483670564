"""Several things to be done, each in a transaction of its own: one that fails stops no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app import telemetry
from app.chain.errors import TemporaryError
from app.outbox.leases import Fence, LeaseLost
from app.services import Services

log = telemetry.logger("workers")
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
        self._failures: list[Exception] = []

    def run(self, step: Step) -> None:
        """Until there is nothing left. Raises at once what was no single thing's fault."""
        more = True
        while more:
            before = len(self._tried)
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
                if len(self._tried) == before:
                    raise
                self._failures.append(error)

    @contextmanager
    def apart(self, which: str) -> Iterator[None]:
        """One of a list that its caller goes through; raises at once what is no single one's
        fault."""
        try:
            yield
        except (LeaseLost, TemporaryError):
            raise
        except Exception as error:  # noqa: BLE001 - `done` raises it
            log.warning("one_failed", job=self._fence.name, which=which, error=str(error)[:500])
            self._failures.append(error)

    def done(self) -> int:
        """How many; raises, at last, all that failed."""
        if self._failures:
            raise ExceptionGroup("some failed, the others are done", self._failures)
        return self._done
