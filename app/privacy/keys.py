"""The key files of the house: one master key, and a key-encryption key per month.

From the master key every purpose gets its own key by HKDF, so that two pseudonyms of one thing
cannot be matched. A month's key wraps the subjects' keys; once it is destroyed, nothing that
only it wrapped can ever be opened again, backups included. Each file is wrapped by its keeper
(app.privacy.keepers). A month has one key, and more if an operator asked for a fresh one
(`2026-11`, then `2026-11.01`): the newest is used, all of them go with the month.
"""

from __future__ import annotations

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
from app.key_settings import KeySettings
from app.keyfiles import KeyFileError, alone, ensure_key, read_key, sync_folder, write_private
from app.privacy.keepers import (
    KEY_BYTES,
    Keeper,
    KeyDestroyed,
    fresh,
    keepers,
    key_bytes,
    kind_of,
)

__all__ = ["KEY_BYTES", "KeyDestroyed", "Keyring", "attach", "key_bytes", "keyring_of"]

_MASTER = "master"
_EPOCH = re.compile(r"\d{4}-\d{2}(\.\d{2})?")
_ATTACHED = "civis.keyring"
_BY_FILE = KeySettings()


class Keyring:
    """Keys under home/keys; each file is made when it is first needed, by one process only."""

    def __init__(self, home: Path, settings: KeySettings = _BY_FILE) -> None:
        self.home = home
        self._folder = str(home / "keys")
        self.kind = settings.keeper
        self._keepers = keepers(settings)
        self._ensure(_MASTER)
        self._master = self._open(_MASTER)
        self._epochs: dict[str, bytes] = {}

    def derived(self, purpose: str) -> bytes:
        """The 32-byte key of one purpose."""
        return derive(self._master, purpose)

    def current_epoch(self, now: datetime) -> str:
        """The month's name, or that of its fresh key; the key now exists."""
        month = f"{now:%Y-%m}"
        known = [epoch for epoch in self.epochs() if epoch.startswith(month)]
        if known:
            return known[-1]
        self._ensure(key_file(month))
        return month

    def fresh_epoch(self, now: datetime) -> str:
        """Another key for the rest of this month. Raises KeyFileError after 99 of them."""
        month, _, number = self.current_epoch(now).partition(".")
        epoch = f"{month}.{int(number or 0) + 1:02}"
        if not is_epoch(epoch):
            raise KeyFileError("This month has had 99 fresh keys: wait for the next.")
        self._ensure(key_file(epoch))
        return epoch

    def epoch_key(self, epoch: str) -> bytes:
        """The key-encryption key of a month. Raises KeyDestroyed, KeyFileError."""
        if not os.path.exists(self._place(epoch)):  # noqa: PTH110 - asked at every opening
            # another process may have destroyed it
            self._epochs.pop(epoch, None)
            raise KeyDestroyed(epoch)
        if epoch not in self._epochs:
            self._epochs[epoch] = self._open(key_file(epoch))
        return self._epochs[epoch]

    def epochs(self) -> list[str]:
        """Months whose key still exists, oldest first."""
        names = os.listdir(self._folder)  # noqa: PTH208 - asked at every sealing
        front = key_file("")
        found = (name.removeprefix(front) for name in names if name.startswith(front))
        return sorted(filter(is_epoch, found))

    def newest_epoch(self) -> str:
        """The month whose key is used for what belongs to no subject; made where there is none."""
        return (self.epochs() or [self.current_epoch(datetime.now(UTC))])[-1]

    def of_epoch(self, epoch: str, purpose: str) -> bytes:
        """The 32-byte key of one purpose in one month. Raises KeyDestroyed."""
        return derive(self.epoch_key(epoch), purpose)

    def destroy_epoch(self, epoch: str) -> None:
        """Overwrites and removes a month's key file; a copy of the file elsewhere must go too,
        unless a security module kept it: that destroys its own part first."""
        path = self._path(epoch)
        with alone(path.parent):
            text = read_key(self.home, path.name)
            self._keeper_of(path.name, text).forget(text)
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
            sync_folder(path.parent)
        self._epochs.pop(epoch, None)

    def kept(self) -> dict[str, str]:
        """Who keeps each key file, by its name."""
        return {name: kind_of(read_key(self.home, name)).value for name in self._names()}

    def move(self) -> list[str]:
        """Has this keyring's keeper wrap every file that another wrote; the names of those.

        Others read on meanwhile. Stopped in the middle, it goes on when it is called again.
        """
        keeper, moved = self._keepers[self.kind], []
        for name in self._names():
            with alone(self.home / "keys"):
                text = read_key(self.home, name)
                if keeper.current(text):
                    continue
                earlier = self._keeper_of(name, text)
                again = keeper.wrap(name, earlier.unwrap(name, text))
                write_private(self.home / "keys" / name, again)
                earlier.forget(text)
            moved.append(name)
        return moved

    def _names(self) -> list[str]:
        return [_MASTER, *map(key_file, self.epochs())]

    def _ensure(self, name: str) -> None:
        """Makes the file if there is none; of two processes at once, the first one's holds."""
        made: list[str] = []

        def make() -> str:
            made.append(self._keepers[self.kind].wrap(name, fresh()))
            return made[0]

        text = ensure_key(self.home, name, make)
        for lost in made:
            if lost != text:
                self._keepers[self.kind].forget(lost)

    def _open(self, name: str) -> bytes:
        """Raises KeyFileError, KeyDestroyed. A file that was moved meanwhile is read again."""
        while True:
            text = read_key(self.home, name)
            try:
                return self._keeper_of(name, text).unwrap(name, text)
            except KeyDestroyed:
                if read_key(self.home, name) == text:
                    raise

    def _keeper_of(self, name: str, text: str) -> Keeper:
        kind = kind_of(text)
        if kind not in self._keepers:
            raise KeyFileError(f"The key file {name} is kept by {kind.value}, which is not set.")
        return self._keepers[kind]

    def _path(self, epoch: str) -> Path:
        return Path(self._place(epoch))

    def _place(self, epoch: str) -> str:
        if not is_epoch(epoch):
            raise ValueError(f"{epoch!r} is no month")
        return f"{self._folder}/{key_file(epoch)}"


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


@lru_cache(maxsize=256)
def derive(master: bytes, purpose: str) -> bytes:
    """HKDF-SHA-256: another 32-byte key for each purpose."""
    info = b"civis.v1|" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(master)


def key_file(epoch: str) -> str:
    """Its name in the folder of the keys."""
    return f"kek-{epoch}"
