"""The deployer's key comes from a file that nobody else reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.chain.deploying.role_keys import read_deployer_key
from app.keyfiles import KeyFileError, ensure_key
from app.privacy.keys import key_bytes


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "deployer"
    path.write_text(text, encoding="ascii")
    path.chmod(mode)
    return path


def test_hexadecimal_digits_and_keys_of_ours_are_read(tmp_path: Path) -> None:
    assert read_deployer_key(written(tmp_path, "0x" + "ab" * 32 + "\n")) == b"\xab" * 32
    made = ensure_key(tmp_path, "deployer")
    assert read_deployer_key(tmp_path / "keys" / "deployer") == key_bytes(made)


@pytest.mark.parametrize("text", ["", "0x12", "zz" * 32, "ab" * 31])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(KeyFileError):
        read_deployer_key(written(tmp_path, text))


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="chmod 600"):
        read_deployer_key(written(tmp_path, "ab" * 32, 0o644))
    with pytest.raises(KeyFileError, match="DEPLOYER_KEY_FILE"):
        read_deployer_key(tmp_path / "none")
