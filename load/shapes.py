"""How many people are there: a quiet morning, a full noon, an evening, within a minute."""

from __future__ import annotations

from locust import LoadTestShape

SECONDS = 60
STAGES = ((10, 6), (50, 18), (SECONDS, 8))  # until this second, so many users


class Day(LoadTestShape):
    """Ends by itself after SECONDS."""

    def tick(self) -> tuple[int, float] | None:
        passed: float = self.get_run_time()  # type: ignore[no-untyped-call]
        for until, users in STAGES:
            if passed < until:
                return users, 4.0
        return None
