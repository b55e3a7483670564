"""Keeping a job single over processes and machines.

A lease has an end, so a dead holder's job goes on elsewhere; and a fencing number, checked inside
every transaction that the job commits, so that a holder which only slept too long can't write any
more. A round that takes long keeps its lease by checking it as it gets on; one that hangs loses it.
Time is the database's own, never the movable clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

_ACQUIRE = text("""
    insert into lease (name, holder, fencing, until)
    values (:name, :holder, 1, clock_timestamp() + make_interval(secs => :seconds))
    on conflict (name) do update
    set fencing = lease.fencing + (lease.holder <> excluded.holder)::int,
        holder = excluded.holder, until = excluded.until
    where lease.until < clock_timestamp() or lease.holder = excluded.holder
    returning fencing
""")
_CHECK = text("""
    select fencing, until < clock_timestamp() + make_interval(secs => :half) from lease
    where name = :name and holder = :holder for share
""")
_PROLONG = text("""
    update lease set until = clock_timestamp() + make_interval(secs => :seconds) where name = :name
""")
_SUCCESS = text("""
    update lease set last_success_at = clock_timestamp() where name = :name and fencing = :number
""")
_RELEASE = text("""
    update lease set until = clock_timestamp() where holder = :holder and until > clock_timestamp()
""")


class LeaseLost(Exception):  # noqa: N818 - it is a state of the world
    """Another process does this job now: stop at once and commit nothing."""


@dataclass(frozen=True)
class Fence:
    """Proof of holding a lease of so many seconds. A holder's name is never used by two
    processes."""

    name: str
    holder: str
    number: int
    seconds: float

    def check(self, session: Session) -> None:
        """Call first in every transaction of the job: nobody takes over before it ends. Prolongs
        the lease where half of it is over."""
        values = {"name": self.name, "holder": self.holder, "half": self.seconds / 2}
        found = session.execute(_CHECK, values).one_or_none()
        if found is None or found[0] != self.number:
            raise LeaseLost(self.name)
        if found[1]:
            session.execute(_PROLONG, {"name": self.name, "seconds": self.seconds})


def acquire(session: Session, name: str, holder: str, seconds: float) -> Fence | None:
    """Take or prolong a lease; None while another holds it. The caller commits."""
    values = {"name": name, "holder": holder, "seconds": seconds}
    number = session.execute(_ACQUIRE, values).scalar()
    return None if number is None else Fence(name, holder, int(number), seconds)


def note_success(session: Session, fence: Fence) -> None:
    """The job ended well; health looks at how long ago that was."""
    session.execute(_SUCCESS, {"name": fence.name, "number": fence.number})


def release_all(session: Session, holder: str) -> None:
    """An orderly end: others need not wait for the leases to run out."""
    session.execute(_RELEASE, {"holder": holder})
