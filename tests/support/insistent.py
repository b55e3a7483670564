"""Users who send a write again, with the same key, until they have an answer, as good clients do;
each answered write is kept with its answer. What may not be said meanwhile is kept too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random
from typing import Any

import httpx

from load.journeys import Caller, Journey
from load.seeds import Seeds

PATIENCE = 180  # only ends a test that has failed


class RefusedError(Exception):
    """An answer that another try would not change, such as a code used already."""


@dataclass(frozen=True)
class Write:
    """`tries` counts the answered one."""

    method: str
    path: str
    template: str
    body: Any
    headers: dict[str, str]
    tries: int
    status: int
    content: bytes


@dataclass
class Crowd:
    """Starts and ends users, each a thread with a random walk of its own."""

    url: str
    writes: list[Write] = field(default_factory=list)
    lost: int = 0  # connections that ended without an answer
    unavailable: int = 0  # clean answers that nobody can be served now
    unclean: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    broken: list[BaseException] = field(default_factory=list)
    _ending: threading.Event = field(default_factory=threading.Event)
    _users: list[threading.Thread] = field(default_factory=list)

    def start(self, journey: Journey, seeds: Seeds, *, pause: float) -> None:
        number = len(self._users)
        user = threading.Thread(target=self._live, args=(journey, seeds, pause, number))
        self._users.append(user)
        user.start()

    def end(self) -> None:
        """Everybody comes to the end of the journey they are on."""
        self._ending.set()
        for user in self._users:
            user.join()

    def again(self, write: Write) -> httpx.Response:
        """The very same request once more."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            return client.request(write.method, write.path, json=write.body, headers=write.headers)

    def _live(self, journey: Journey, seeds: Seeds, pause: float, number: int) -> None:
        chance = Random(number)  # noqa: S311 - a choice of deeds
        with httpx.Client(base_url=self.url, timeout=30) as client:
            call = Caller(self._sender(client))
            while not self._ending.is_set():
                try:
                    journey(call, seeds, chance)
                except RefusedError as error:
                    self.refused.append(str(error))
                except BaseException as error:  # the test tells it
                    self.broken.append(error)
                    raise
                self._ending.wait(pause)

    def _sender(self, client: httpx.Client) -> Callable[..., Any]:
        def send(method: str, path: str, template: str, body: Any, headers: dict[str, str]) -> Any:
            answer, tries = self._insist(client, method, path, body, headers)
            if answer.status_code >= HTTPStatus.BAD_REQUEST:
                raise RefusedError(f"{method} {template}: {answer.text}")
            if method != "GET":
                write = Write(
                    *(method, path, template, body, headers),
                    *(tries, answer.status_code, answer.content),
                )
                self.writes.append(write)
            return answer.json() if answer.content else None

        return send

    def _insist(
        self, client: httpx.Client, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> tuple[httpx.Response, int]:
        deadline, tries = time.monotonic() + PATIENCE, 0
        while time.monotonic() < deadline:
            tries += 1
            try:
                answer = client.request(method, path, json=body, headers=headers)
            except httpx.TransportError:
                self.lost += 1
            else:
                if not self._must_wait(answer):
                    return answer, tries
            time.sleep(0.2)
        raise TimeoutError(f"{method} {path} was never answered")

    def _must_wait(self, answer: httpx.Response) -> bool:
        if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return bool(
                answer.status_code == HTTPStatus.CONFLICT
                and answer.json()["code"] == "idempotency-in-flight"
            )
        if is_clean(answer):
            self.unavailable += 1
        else:
            self.unclean.append(f"{answer.request.url.path} {answer.status_code}: {answer.text}")
        return True


def is_clean(answer: httpx.Response) -> bool:
    """Whether it says, in a form that programs know, that one may try again and when."""
    return (
        answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        and answer.headers["Content-Type"] == "application/problem+json"
        and int(answer.headers.get("Retry-After", 0)) > 0
        and bool(answer.json()["code"])
    )
