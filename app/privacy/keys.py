"""The key files of the house: one master key, and a key-encryption key per month.

From the master key every purpose gets its own key by HKDF, so that two pseudonyms of one thing
cannot be matched. A month's key wraps the subjects' keys; once it is destroyed, nothing that
only it wrapped can ever be opened again, backups included.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from app.db import Database
from app.keyfiles import KeyFileError, ensure_key, read_key, sync_folder

KEY_BYTES = 32
_MASTER = "master"
_EPOCH = re.compile(r"\d{4}-\d{2}")
_ATTACHED = "civis.keyring"


class KeyDestroyed(Exception):  # noqa: N818 - it is a state of the world
    """The key of an epoch is gone, and with it all that it wrapped."""


class Keyring:
    """Keys under home/keys; each file is made when it is first needed, by one process only."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._master = key_bytes(ensure_key(home, _MASTER))
        self._epochs: dict[str, bytes] = {}

    def derived(self, purpose: str) -> bytes:
        """The 32-byte key of one purpose."""
        return derive(self._master, purpose)

    def current_epoch(self, now: datetime) -> str:
        """The month's name, whose key now exists."""
        epoch = f"{now:%Y-%m}"
        ensure_key(self.home, _file_name(epoch))
        return epoch

    def epoch_key(self, epoch: str) -> bytes:
        """The key-encryption key of a month. Raises KeyDestroyed, KeyFileError."""
        if not self._path(epoch).exists():  # another process may have destroyed it
            self._epochs.pop(epoch, None)
            raise KeyDestroyed(epoch)
        if epoch not in self._epochs:
            self._epochs[epoch] = key_bytes(read_key(self.home, _file_name(epoch)))
        return self._epochs[epoch]

    def epochs(self) -> list[str]:
        """Months whose key still exists, oldest first."""
        files = (self.home / "keys").glob(_file_name("*"))
        return sorted(path.name.removeprefix(_file_name("")) for path in files)

    def newest_epoch(self) -> str:
        """The month whose key is used for what belongs to no subject; made where there is none."""
        return (self.epochs() or [self.current_epoch(datetime.now(UTC))])[-1]

    def of_epoch(self, epoch: str, purpose: str) -> bytes:
        """The 32-byte key of one purpose in one month. Raises KeyDestroyed."""
        return derive(self.epoch_key(epoch), purpose)

    def destroy_epoch(self, epoch: str) -> None:
        """Overwrites and removes a month's key file; a copy of the file elsewhere must go too."""
        path = self._path(epoch)
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(path.parent)
        self._epochs.pop(epoch, None)

    def _path(self, epoch: str) -> Path:
        if not _EPOCH.fullmatch(epoch):
            raise ValueError(f"{epoch!r} is no month")
        return self.home / "keys" / _file_name(epoch)


def is_epoch(text: str) -> bool:
    """Whether this names a month."""
    return _EPOCH.fullmatch(text) is not None


def attach(target: Database | Session, keyring: Keyring) -> None:
    """Hands the keyring to a session, or to every session that a database will open."""
    if isinstance(target, Session):
        target.info[_ATTACHED] = keyring
    else:
        target.attach(_ATTACHED, keyring)


def keyring_of(session: Session) -> Keyring:
    """The keyring attached to this session; a session without one opens nothing."""
    keyring = session.info.get(_ATTACHED)
    if isinstance(keyring, Keyring):
        return keyring
    raise LookupError("this session has no keyring: call app.privacy.keys.attach first")


def key_bytes(text: str) -> bytes:
    """The 32 bytes that a key file's text stands for. Raises KeyFileError."""
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise KeyFileError("A key file holds no key: restore it from its backup.") from error
    if len(key) != KEY_BYTES:
        raise KeyFileError("A key file was cut short: restore it from its backup.")
    return key


@lru_cache(maxsize=256)
def derive(master: bytes, purpose: str) -> bytes:
    """HKDF-SHA-256: another 32-byte key for each purpose."""
    info = b"civis.v1|" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)


def _file_name(epoch: str) -> str:
    return f"kek-{epoch}"
