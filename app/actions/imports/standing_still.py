"""A file takes the time that it takes: meanwhile its programme may pause, or end."""

from __future__ import annotations

from app.actions.timetable import Terms


class JobFailedError(Exception):
    """The job can't go on; `code` is kept with it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StandsStillError(Exception):
    """The job stays where it is, with its upload, and goes on once its programme does."""


def check_goes_on(terms: Terms) -> None:
    """Nothing is promised where nobody could record. Raises JobFailedError, StandsStillError."""
    if terms.over:
        raise JobFailedError("programme-not-running")
    if not terms.running:
        raise StandsStillError
