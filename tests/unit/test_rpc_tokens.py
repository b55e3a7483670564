"""Bearer tokens for nodes: from a file or the environment, one for each URL, never shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.config import ConfigError, Settings
from app.keyfiles import KeyFileError
from app.rpc_tokens import RpcTokens
from tests.unit.test_config import PRODUCTION

FIRST, SECOND = "https://node-1.example", "https://node-2.example"


def write(file: Path, token: str, mode: int = 0o600) -> Path:
    """Replaced whole, as whoever renews a token does it."""
    draft = file.with_suffix(".draft")
    draft.write_text(token + "\n", encoding="ascii")
    draft.chmod(mode)
    os.replace(draft, file)  # noqa: PTH105
    return file


def tokens(**given: str) -> RpcTokens:
    return Settings.from_env({**PRODUCTION, **given}).chain_rpc_tokens


def test_each_url_has_its_own() -> None:
    found = tokens(CHAIN_RPC_TOKENS="first.token, -")
    assert found.headers(FIRST) == {"Authorization": "Bearer first.token"}
    assert found.headers(SECOND) == {}
    assert found.headers("https://elsewhere.example") == {}
    assert tokens().headers(FIRST) == {}


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    file = write(tmp_path / "token", "old")
    found = tokens(CHAIN_RPC_TOKEN_FILES=f"-,{file}")
    assert found.headers(FIRST) == {}
    assert found.headers(SECOND) == {"Authorization": "Bearer old"}
    write(file, "new.one")
    assert found.headers(SECOND) == {"Authorization": "Bearer new.one"}


def test_settings_and_mistakes_show_no_token(tmp_path: Path) -> None:
    given = {**PRODUCTION, "CHAIN_RPC_TOKENS": "zK3-jq.first zK3-jq.second"}
    assert "zK3-jq" not in repr(Settings.from_env(given))
    file = write(tmp_path / "token", "zK3-jq")
    found = tokens(CHAIN_RPC_TOKEN_FILES=f"{file} {file}")
    found.headers(FIRST)
    assert "zK3-jq" not in repr(found)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"CHAIN_RPC_TOKENS": "zK3-jq"}, "1 entries for 2"),
        ({"CHAIN_RPC_TOKENS": "a b", "CHAIN_RPC_TOKEN_FILES": "a b"}, "not both"),
        ({"CHAIN_RPC_TOKENS": "zK3-jq\x01 -"}, "no bearer token"),
        ({"CHAIN_RPC_URLS": "https://zK3-jq:x@node.example"}, "CHAIN_RPC_TOKEN_FILES"),
        ({"CHAIN_GAS_PRICE": "-1"}, "CHAIN_GAS_PRICE"),
        ({"CHAIN_LAG_SECONDS": "0"}, "CHAIN_LAG_SECONDS"),
    ],
)
def test_a_mistake_is_a_sentence(given: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        tokens(**given)
    assert "zK3-jq" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("zK3-jq", 0o640, "chmod 600"),
        ("", 0o600, "no bearer token"),
        ("zK3-jq\nX-Header: 1", 0o600, "no bearer token"),
        (None, 0, "can't be read"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, text: str | None, mode: int, said: str) -> None:
    file = tmp_path / "token"
    if text is not None:
        write(file, text, mode)
    with pytest.raises(KeyFileError, match=said) as caught:
        tokens(CHAIN_RPC_TOKEN_FILES=f"{file} -").headers(FIRST)
    assert "zK3-jq" not in str(caught.value)
