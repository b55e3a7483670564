"""Key files kept by nobody, by the environment and by a security module, and moved while in use."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.config import ConfigError, Settings
from app.key_settings import KeySettings
from app.keyfiles import KeyFileError, read_key
from app.privacy.keys import KeyDestroyed, Keyring
from app.privacy.service import Ref
from app.rights.keys_command import command
from app.services import Services
from tests.support.security_module import by_module, extractable, needs_softhsm, set_to, softhsm

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
REF = Ref("person", "email_sealed", "row-1")
A, B = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(2))


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    with softhsm(tmp_path_factory.mktemp("softhsm")) as given:
        yield given


def by_environment(key: str, other: str = "") -> KeySettings:
    return set_to(KEY_KEEPER="environment", KEY_ENCRYPTION_KEY=key, KEY_ENCRYPTION_KEY_OTHER=other)


def test_what_the_environment_wrapped_opens_with_its_key_alone(tmp_path: Path) -> None:
    first = Keyring(tmp_path, by_environment(A))
    month = first.current_epoch(NOW)
    again = Keyring(tmp_path, by_environment(A))
    assert again.derived("x") == first.derived("x")
    assert again.epoch_key(month) == first.epoch_key(month)
    for others, words in ((by_environment(B), "OTHER"), (set_to(), "is kept by environment")):
        with pytest.raises(KeyFileError, match=words):
            Keyring(tmp_path, others)


def test_a_wrapped_key_opens_under_its_own_name_only(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path, by_environment(A))
    month = keyring.current_epoch(NOW)
    keys = tmp_path / "keys"
    (keys / f"kek-{month}").write_text((keys / "master").read_text("ascii"), "ascii")
    with pytest.raises(KeyFileError, match="was altered"):
        keyring.epoch_key(month)


def test_the_environments_key_is_changed_by_giving_both_for_a_while(tmp_path: Path) -> None:
    first = Keyring(tmp_path, by_environment(A, other=B))
    month = first.current_epoch(NOW)
    changing = Keyring(tmp_path, by_environment(B, other=A))
    assert changing.move() == ["master", f"kek-{month}"]
    assert changing.move() == []
    changed = Keyring(tmp_path, by_environment(B))
    assert changed.epoch_key(month) == first.epoch_key(month)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"KEY_KEEPER": "paper"}, "file, environment, pkcs11"),
        ({"KEY_KEEPER": "environment"}, "KEY_ENCRYPTION_KEY_FILE"),
        ({"KEY_KEEPER": "pkcs11"}, "PKCS11_MODULE"),
        ({"PKCS11_MODULE": "/lib/x.so"}, "PKCS11_LABEL"),
        ({"PKCS11_MODULE": "/lib/x.so", "PKCS11_LABEL": "x"}, "PKCS11_PIN_FILE"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(given: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Settings.from_env(given)


def test_no_secret_is_shown_and_an_unreadable_one_is_named(tmp_path: Path) -> None:
    given = set_to(KEY_ENCRYPTION_KEY=A, PKCS11_MODULE="/x.so", PKCS11_LABEL="x", PKCS11_PIN="9731")
    assert A not in repr(given)
    assert "9731" not in repr(given)
    with pytest.raises(KeyFileError, match="PKCS11_MODULE") as caught:
        Keyring(tmp_path, set_to(KEY_KEEPER="pkcs11", PKCS11_MODULE="/x.so", PKCS11_LABEL="x",
                                 PKCS11_PIN="9731"))  # fmt: skip
    assert "9731" not in str(caught.value)
    for wrong in ("short", "!" * 43):
        with pytest.raises(KeyFileError, match="KEY_ENCRYPTION_KEY is no key"):
            Keyring(tmp_path, by_environment(wrong))
    lost = set_to(KEY_KEEPER="environment", KEY_ENCRYPTION_KEY_FILE=str(tmp_path / "lost"))
    with pytest.raises(KeyFileError, match="KEY_ENCRYPTION_KEY"):
        Keyring(tmp_path, lost)


@needs_softhsm
def test_the_modules_key_never_leaves_it_and_its_destruction_reaches_every_copy(
    tmp_path: Path, module: Mapping[str, str]
) -> None:
    keyring = Keyring(tmp_path, by_module(module))
    month = keyring.current_epoch(NOW)
    file = tmp_path / "keys" / f"kek-{month}"
    copy = file.read_text("ascii")
    assert base64.urlsafe_b64encode(keyring.epoch_key(month)).decode().rstrip("=") not in copy
    assert not extractable(copy, module)
    assert Keyring(tmp_path, by_module(module)).epoch_key(month) == keyring.epoch_key(month)
    keyring.destroy_epoch(month)
    file.write_text(copy, "ascii")
    file.chmod(0o600)
    with pytest.raises(KeyDestroyed):
        keyring.epoch_key(month)
    keyring.destroy_epoch(month)
    assert keyring.epochs() == []


@needs_softhsm
def test_a_wrong_pin_or_name_opens_nothing_and_is_said(
    tmp_path: Path, module: Mapping[str, str]
) -> None:
    keyring = Keyring(tmp_path, by_module(module))
    month = keyring.current_epoch(NOW)
    wrong = {**module, "PKCS11_PIN_FILE": "", "PKCS11_PIN": "not-the-pin"}
    for others in (wrong, {**module, "PKCS11_LABEL": "elsewhere"}):
        with pytest.raises(KeyFileError, match="PKCS11_LABEL") as caught:
            Keyring(tmp_path, by_module(others))
        assert "not-the-pin" not in str(caught.value)
    keys = tmp_path / "keys"
    (keys / f"kek-{month}").write_text((keys / "master").read_text("ascii"), "ascii")
    with pytest.raises(KeyFileError, match="can't be used"):
        keyring.epoch_key(month)


@needs_softhsm
def test_of_two_that_make_a_months_key_at_once_one_holds(
    tmp_path: Path, module: Mapping[str, str]
) -> None:
    first, second = (Keyring(tmp_path, by_module(module)) for _ in range(2))
    file = tmp_path / "keys" / "kek-2026-11"
    kept = Keyring(tmp_path / "other", by_module(module))
    kept.current_epoch(NOW)
    theirs = (tmp_path / "other/keys/kek-2026-11").read_text("ascii")
    lost: list[str] = []
    keeper = second._keepers[second.kind]
    wrap = keeper.wrap

    def late(name: str, key: bytes) -> str:
        file.write_text(theirs, "ascii")
        file.chmod(0o600)
        lost.append(wrap(name, key))
        return lost[0]

    keeper.wrap = late  # type: ignore[method-assign]
    month = second.current_epoch(NOW)
    assert second.epoch_key(month) == first.epoch_key(month) == kept.epoch_key(month)
    with pytest.raises(KeyDestroyed):
        keeper.unwrap("kek-2026-11", lost[0])


@needs_softhsm
def test_a_file_moved_between_look_and_use_is_read_again(
    tmp_path: Path, module: Mapping[str, str]
) -> None:
    reading, moving = Keyring(tmp_path, by_module(module)), Keyring(tmp_path, set_to(**module))
    month = reading.current_epoch(NOW)
    keeper = reading._keepers[reading.kind]  # the moment between look and use
    unwrap = keeper.unwrap

    def late(name: str, text: str) -> bytes:
        moving.move()
        return unwrap(name, text)

    keeper.unwrap = late  # type: ignore[method-assign]
    assert reading.epoch_key(month) == moving.epoch_key(month)
    assert set(reading.kept().values()) == {"file"}


def test_an_older_file_is_read_as_before(tmp_path: Path) -> None:
    Keyring(tmp_path).current_epoch(NOW)
    assert len(read_key(tmp_path, "master")) == 43
    assert Keyring(tmp_path, by_environment(A)).kept() == dict.fromkeys(
        ("master", "kek-2026-11"), "file"
    )


def test_the_command_says_who_keeps_moves_and_renews(services: Services) -> None:
    settings = services.settings
    given = {
        "CIVIS_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url(),
        "CHAIN_RPC_URLS": "http://127.0.0.1:1",
        "PUBLIC_URL": "https://civis.example",
        "KEY_KEEPER": "environment",
        "KEY_ENCRYPTION_KEY": base64.b64encode(b"k" * 32).decode(),
        "KEY_ENCRYPTION_KEY_OTHER": "",
    }
    assert said("fresh", given).startswith(f"{datetime.now(UTC):%Y-%m}.01: ")
    kept = json.loads(said("list --json", given))
    assert set(kept.values()) == {"file", "environment"}, "written by the one that is set"
    assert said("move", given).startswith("Kept by environment now: master")
    assert "nothing was left" in said("move", given)
    assert json.loads(said("move --json", given)) == {"keeper": "environment", "moved": []}
    assert json.loads(said("fresh --json", given)) == {
        "epoch": f"{datetime.now(UTC):%Y-%m}.02",
        "rewrapped": 0,
    }
    assert set(json.loads(said("list --json", given)).values()) == {"environment"}


def said(words: str, given: dict[str, str]) -> str:
    done = CliRunner().invoke(command, words.split(), env=given)
    assert done.exit_code == 0, done.output
    return done.output
