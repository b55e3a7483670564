"""The simulated city exists in an embedded demo only: seed, life and one-click sign-in."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app.application import build
from app.config import Settings
from app.demo import life
from app.demo.city import address, small_city
from app.demo.seed import seed
from app.demo.visitors import VISITORS
from app.demo.world import NotADemoError, World
from app.errors import Problem
from app.identity.models import IdentityLevel
from app.identity.service import register_person
from app.services import Services

ROOT = Path(__file__).parents[2]
DATABASE = "postgresql://civis_app:long-and-real@127.0.0.1:1/civis"


def elsewhere(settings: Settings) -> list[Settings]:
    """The same settings where a database was given, and where no demo is wanted."""
    return [
        dataclasses.replace(settings, embedded=False),
        dataclasses.replace(settings, demo=False),
        dataclasses.replace(settings, embedded=False, demo=False),
    ]


@pytest.mark.parametrize("number", range(3))
def test_seed_and_life_refuse_elsewhere(services: Services, number: int) -> None:
    settings = elsewhere(services.settings)[number]
    with pytest.raises(NotADemoError):
        seed(settings, print)
    with pytest.raises(NotADemoError):
        World(dataclasses.replace(services, settings=settings), small_city(), print)


def test_a_city_that_was_signed_out_signs_in_anew(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a restore: its round is none, and the next one begins with new sessions."""

    class SignedOut:
        def round(self) -> int:
            raise Problem("signer-no-session")

    with services.database.session() as session:
        today = services.settings.home, services.clock.now(session).date()
    monkeypatch.setattr(life, "_lives", {today: SignedOut()})
    assert life.live(services) == 0
    assert life._lives == {}


@pytest.mark.parametrize(
    "given",
    [
        {"DATABASE_URL": DATABASE, "CHAIN_RPC_URLS": "http://127.0.0.1:1"},
        {"CIVIS_DEMO": "0"},
    ],
)
def test_the_command_says_so_in_a_sentence(tmp_path: Path, given: dict[str, str]) -> None:
    environ = {**os.environ, "CIVIS_HOME": str(tmp_path), **given}
    environ |= {"PUBLIC_URL": "https://civis.example"} if "DATABASE_URL" in given else {}
    command = [sys.executable, "-m", "app.cli", "seed"]
    answer = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert answer.returncode == 1
    assert "only for an embedded demo" in answer.stderr
    assert "Traceback" not in answer.stderr


def click(services: Services, who: str) -> TestResponse:
    """Presses a card's button on the first page."""
    with build(parts=services).test_client() as client:
        client.get("/")
        with client.session_transaction() as browser:
            token = browser.get("form_token") or browser.setdefault("form_token", "of-this-test")
        return client.post(f"/demo/sign-in/{who}", data={"csrf_token": token})


def cookies(answer: TestResponse) -> list[str]:
    return [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("civis=")]


@pytest.mark.parametrize("who", VISITORS)
def test_a_click_signs_in_within_a_demo_only(services: Services, who: str) -> None:
    with services.database.transaction() as session:
        register_person(
            session,
            address(who),
            level=IdentityLevel.VERIFIED,
            now=services.clock.now(session),
            simulated=True,
        )
    inside = click(services, who)
    assert inside.status_code == 303
    assert cookies(inside)
    for settings in elsewhere(services.settings):
        outside = click(dataclasses.replace(services, settings=settings), who)
        assert outside.status_code == 404
        assert not cookies(outside)


def test_nobody_else_is_signed_in_by_a_click(services: Services) -> None:
    assert click(services, "operator").status_code == 404


def test_settings_of_an_embedded_home_are_a_demo(tmp_path: Path) -> None:
    settings = Settings.from_env({"CIVIS_HOME": str(tmp_path), "CIVIS_DEMO": "small"})
    assert settings.demo
    assert settings.small_demo
