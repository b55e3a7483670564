"""Locust's users, each on a journey of load.journeys. LOAD_SEEDS names the file of their tokens."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Any

from locust import HttpUser, LoadTestShape, between, task
from locust.exception import StopUser

from load import journeys
from load.seeds import Seeds
from load.shapes import STAGES

__all__ = ["Attester", "Citizen", "Day", "Merchant", "Reader"]

_SEEDS = Seeds.read(Path(os.environ["LOAD_SEEDS"]))


class RefusedError(Exception):
    """The API said no: counted by locust, and the journey begins anew."""


class Day(LoadTestShape):
    """Ends by itself after the last stage."""

    def tick(self) -> tuple[int, float] | None:
        passed: float = self.get_run_time()  # type: ignore[no-untyped-call]
        for until, users in STAGES:
            if passed < until:
                return users, 4.0
        return None


class _User(HttpUser):
    abstract = True
    wait_time = between(0.5, 1.5)
    journey: str

    def on_start(self) -> None:
        if not self.client.base_url.startswith(("http://127.0.0.1:", "http://localhost:")):
            raise StopUser
        self.chance = Random()
        self.call = journeys.Caller(self._send)

    @task
    def walk(self) -> None:
        try:
            journeys.JOURNEYS[self.journey](self.call, _SEEDS, self.chance)
        except RefusedError:
            return

    def _send(self, method: str, path: str, name: str, body: Any, headers: dict[str, str]) -> Any:
        with self.client.request(
            method, path, name=name, json=body, headers=headers, catch_response=True
        ) as answer:
            if answer.status_code >= 400 or answer.status_code == 0:
                answer.failure(f"{answer.status_code} {answer.text[:200]}")
                raise RefusedError(answer.status_code)
            return answer.json() if answer.content else None


class Citizen(_User):
    weight = 5
    journey = "citizen"


class Attester(_User):
    weight = 2
    wait_time = between(3, 5)
    journey = "attester"


class Merchant(_User):
    weight = 2
    journey = "merchant"


class Reader(_User):
    weight = 3
    journey = "reader"
