"""The parts of ours that run beside database and node, as commands with a readiness check."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

import httpx

from app.chain.signer import SignerClient
from app.config import Settings
from app.embedded.ports import LOOPBACK, answers
from app.embedded.supervisor import Part

WEB_PROCESSES = 2
WEB_THREADS = 8
DEMO_NOTICE_SECONDS = "20"  # of a move to an owner's own key; three days elsewhere


def environ(settings: Settings) -> dict[str, str]:
    """What every part of ours inherits; keccak in C is four times faster."""
    return {
        **os.environ,
        "CIVIS_HOME": str(settings.home),
        "PORT": str(settings.port),
        "GATEWAY_PORT": str(settings.gateway_port),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "ETH_HASH_BACKEND": "pysha3",
    }


def blocks(settings: Settings) -> Part:
    return _module(settings, "blocks", "app.embedded.blocks", str(settings.home))


def signer(settings: Settings) -> Part:
    command = [sys.executable, "-m", "workers.signer"]
    ready = SignerClient.of(settings).ping
    short = {"SIGNER_MOVE_NOTICE_SECONDS": DEMO_NOTICE_SECONDS} if settings.demo else {}
    return Part("signer", lambda: command, ready=ready, environ={**short, **environ(settings)})


def workers(settings: Settings) -> Part:
    return _module(settings, "workers", "workers")


def web(settings: Settings) -> Part:
    command = _server("app.wsgi:application", settings.port, processes=WEB_PROCESSES)
    return Part(
        "web",
        lambda: command,
        ready=lambda: _serves(f"http://{LOOPBACK}:{settings.port}/readyz"),
        environ=environ(settings),
    )


def gateway(settings: Settings) -> Part:
    command = _server("app.wsgi_gateway:application", settings.gateway_port, processes=1)
    return Part(
        "gateway",
        lambda: command,
        ready=lambda: answers(settings.gateway_port),
        environ=environ(settings),
    )


def city(settings: Settings) -> Part:
    """Makes the demo city, or what is missing of it; begun again where it was cut short."""
    command = [sys.executable, "-m", "app.cli", "seed"]
    return Part("demo city", lambda: command, environ=environ(settings), once=True)


def _module(settings: Settings, name: str, module: str, *arguments: str) -> Part:
    command = [sys.executable, "-m", module, *arguments]
    return Part(name, lambda: command, environ=environ(settings))


def _server(target: str, port: int, *, processes: int) -> list[str]:
    """Granian: twice gunicorn's rate on a bare route here, with less memory per request."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1"),
        *("--host", LOOPBACK, "--port", str(port), "--workers", str(processes)),
        *("--blocking-threads", str(WEB_THREADS), "--respawn-failed-workers"),
        *("--workers-kill-timeout", "5s", "--no-ws", target),
    ]


def _serves(url: str) -> bool:
    """Or says that it lets nobody in until a restore is done. Asked again soon if there is no
    answer: others wait for their turn to be asked."""
    try:
        answer = _asking().get(url, headers={"Accept": "application/json"})
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK or answer.headers.get("X-Doors") == "shut"


@cache
def _asking() -> httpx.Client:
    """One for all: each makes a TLS context, which takes longer than many an answer."""
    return httpx.Client(timeout=3, trust_env=False)
