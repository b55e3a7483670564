"""What `civis restore` says of a database that it has put back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.backup import putting_back
from app.backup.putting_back import Replayed
from app.backup.restore_command import command
from app.config import ConfigError

LAST = datetime(2026, 11, 29, 1, 2, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "said"), [(LAST, "the last commit of 2026-11-29T01:02:03+00:00"), (None, "without")]
)
def test_it_says_how_new_what_came_back_is(
    last: datetime | None, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(putting_back, "put_back", lambda *_, **__: Replayed("0/6000000", last))
    environ = {"CIVIS_HOME": str(tmp_path / "home")}
    words = ["put-back", "--from", str(tmp_path)]
    told = CliRunner().invoke(command, words, env=environ)
    assert told.output.startswith(f"Replayed up to 0/6000000, {said}"), told.exception
    plain = json.loads(CliRunner().invoke(command, [*words, "--json"], env=environ).output)
    assert plain["last_commit"] == (last and "2026-11-29T01:02:03+00:00")


def test_the_embedded_one_is_shut_by_what_puts_it_back(tmp_path: Path) -> None:
    environ = {"CIVIS_HOME": str(tmp_path / "home")}
    refused = CliRunner().invoke(command, ["shut", "--source", "x"], env=environ)
    assert isinstance(refused.exception, ConfigError)
    assert "restore put-back" in str(refused.exception)
