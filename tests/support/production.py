"""A city outside the demo: its own PostgreSQL and node, and the commands of docs/operators."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from app.config import DatabaseRole
from app.embedded.ports import LOOPBACK, free_port
from tests.support.authenticator import Device
from tests.support.processes import eventually
from tests.support.system import ROOT

START_SECONDS = 120
PUBLIC_URL = "https://civis.example"
OURS = ("DATABASE_URL", "CHAIN_RPC_URLS", "CIVIS_HOME", "PORT", "CIVIS_DEMO")


@dataclass
class Production:
    """`environ` is what an operator sets; nothing else is known to any process."""

    home: Path
    urls: dict[DatabaseRole, str]
    node: str
    port: int = field(default_factory=free_port)
    gateway_port: int = field(default_factory=free_port)

    @property
    def environ(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if name not in OURS}
        return clean | {
            **{role.variable: url for role, url in self.urls.items()},
            "CHAIN_RPC_URLS": self.node,
            "CHAIN_FINALITY_DEPTH": "2",
            "CHAIN_BLOCK_SECONDS": "1",
            "PUBLIC_URL": PUBLIC_URL,
            "CIVIS_HOME": str(self.home),
            "PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
        }

    def civis(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=self.environ | environ,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    @contextmanager
    def started(self) -> Iterator[None]:
        """Signer, workers, web and gateway, as the guide starts them."""
        log = (self.home / "parts.log").open("wb")
        parts = [
            subprocess.Popen(
                [sys.executable, "-m", *words], env=self.environ, stdout=log, stderr=log
            )
            for words in (("workers.signer",), ("workers",), *self._servers())
        ]
        try:
            assert eventually(self._ready, START_SECONDS), (self.home / "parts.log").read_text()
            yield
        finally:
            for part in reversed(parts):
                part.terminate()
            for part in parts:
                part.wait(60)
            log.close()

    def _servers(self) -> list[list[str]]:
        plain = f"granian --interface wsgi --http 1 --no-ws --host {LOOPBACK} --workers 1 --port"
        targets = (self.port, "app.wsgi"), (self.gateway_port, "app.wsgi_gateway")
        return [f"{plain} {port} {target}:application".split() for port, target in targets]

    def _ready(self) -> bool:
        try:
            return httpx.get(self.address + "/readyz", timeout=60).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def sign_in(self, email: str) -> Visitor:
        """By the code in the letter, from the mail folder."""
        with httpx.Client(base_url=self.address + "/api/v1", timeout=60) as client:
            asked = {"email": email, "language": "en"}
            sent = client.post("/sign-in/code", json=asked)
            assert sent.status_code == 202
            said = {"challenge": sent.json()["challenge"], "code": self._code(email)}
            answer = client.post("/sign-in/token", json={"email": email, **said})
        assert answer.status_code == 200, answer.text
        return Visitor(self.address, answer.json()["token"])

    def sign_in_staff(self, email: str) -> Visitor:
        """By the code, then with a first passkey, without which no role counts."""
        visitor = self.sign_in(email)
        asked = visitor.post("/me/step-up/code")
        said = {"challenge": asked["challenge"], "code": self._code(email, "Confirm")}
        visitor = Visitor(self.address, visitor.post("/me/step-up/token", said)["token"])
        asked = visitor.post("/me/passkeys/challenge")
        made = Device(origin=PUBLIC_URL).create(asked["options"])
        said = {"challenge": asked["challenge"], "credential": made, "name": "desk"}
        visitor.post("/me/passkeys", said)
        return visitor

    def _code(self, email: str, about: str = "Your code") -> str:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for path in sorted((self.home / "mail").glob("*.eml"), reverse=True):
                letter = message_from_bytes(path.read_bytes(), policy=policy.default)
                code = re.search(r"\d{6}$", str(letter["Subject"]))
                if letter["To"] == email and code and str(letter["Subject"]).startswith(about):
                    return code[0]
            time.sleep(0.2)
        raise AssertionError(f"no letter to {email} came")


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in, by program and by page."""

    address: str
    token: str

    def post(self, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid4())}
        answer = httpx.post(f"{self.address}/api/v1{path}", json=body, headers=headers, timeout=60)
        assert answer.status_code in {200, 201, 202}, answer.text
        return answer.json()

    def page(self, path: str) -> str:
        headers = {"Cookie": f"__Host-civis={self.token}", "Accept-Language": "en"}
        answer = httpx.get(self.address + path, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.text
