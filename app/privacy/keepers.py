"""Who keeps a key file: nobody, a key of the environment, or a security module.

A file's text says by whom it was wrapped (`keeper:which:wrapped`, or the bare key), so that files
of several keepers lie beside one another while all of them are moved, and every process reads on.
The file's name is bound in: a wrapped key that was copied to another name opens nothing.
"""

from __future__ import annotations

import base64
import secrets
from importlib import import_module
from typing import Protocol, cast

from app.key_settings import KeeperKind, KeySettings, Secret, SecurityModule
from app.keyfiles import KeyFileError
from app.privacy.keyed import joined, keyed
from app.privacy.sealing import SealBroken, open_bytes, seal_bytes

KEY_BYTES = 32


class KeyDestroyed(Exception):  # noqa: N818 - it is a state of the world
    """The key of an epoch is gone, and with it all that it wrapped."""


class Keeper(Protocol):
    """Wraps and unwraps the text of one key file."""

    def current(self, text: str) -> bool:
        """Whether this text is as the keeper would write it now."""

    def wrap(self, name: str, key: bytes) -> str: ...

    def unwrap(self, name: str, text: str) -> bytes:
        """Raises KeyFileError, and KeyDestroyed where the keeper destroyed its own part."""

    def forget(self, text: str) -> None:
        """Destroys what the keeper holds for this text alone; a second time changes nothing."""


class Nobody:
    """The file is the key: whoever reads the file has it."""

    def current(self, text: str) -> bool:
        return ":" not in text

    def wrap(self, name: str, key: bytes) -> str:  # noqa: ARG002 - bound to no name
        return encoded(key)

    def unwrap(self, name: str, text: str) -> bytes:  # noqa: ARG002
        return key_bytes(text)

    def forget(self, text: str) -> None:
        """It holds nothing."""


class Environment:
    """AES-256-GCM under a key that lies apart from the folder; another one opens too."""

    def __init__(self, now: Secret | None, other: Secret | None) -> None:
        given = [_given(secret) for secret in (now, other) if secret is not None]
        self._keys = {_which(key): key for key in given}
        self._now = given[0] if now is not None else None

    def current(self, text: str) -> bool:
        return self._now is not None and text.split(":")[:2] == ["environment", _which(self._now)]

    def wrap(self, name: str, key: bytes) -> str:
        if self._now is None:
            raise KeyFileError("Set KEY_ENCRYPTION_KEY or KEY_ENCRYPTION_KEY_FILE.")
        sealed = seal_bytes(self._now, key, file_label(name))
        return f"environment:{_which(self._now)}:{encoded(sealed)}"

    def unwrap(self, name: str, text: str) -> bytes:
        _, which, wrapped = parts_of(name, text)
        key = self._keys.get(which)
        if key is None:
            raise KeyFileError(
                f"The key file {name} was wrapped by another KEY_ENCRYPTION_KEY: give "
                "that one as KEY_ENCRYPTION_KEY_OTHER."
            )
        try:
            return open_bytes(key, wrapped, file_label(name))
        except SealBroken as error:
            raise broken(name) from error

    def forget(self, text: str) -> None:
        """One key wraps all files: nothing is held for a single one."""


def keepers(settings: KeySettings) -> dict[KeeperKind, Keeper]:
    """Those that the settings know. Raises KeyFileError."""
    known: dict[KeeperKind, Keeper] = {KeeperKind.FILE: Nobody()}
    if settings.environment or settings.environment_other:
        known[KeeperKind.ENVIRONMENT] = Environment(
            settings.environment, settings.environment_other
        )
    if settings.module:
        known[KeeperKind.PKCS11] = _module(settings.module)
    return known


def kind_of(text: str) -> KeeperKind:
    """Who wrapped this text. Raises KeyFileError."""
    word, found, _ = text.partition(":")
    if not found:
        return KeeperKind.FILE
    try:
        return KeeperKind(word)
    except ValueError as error:
        raise KeyFileError("A key file names no keeper: restore it from its backup.") from error


def parts_of(name: str, text: str) -> tuple[str, str, bytes]:
    """Keeper, which of its keys, and the wrapped key. Raises KeyFileError."""
    try:
        keeper, which, wrapped = text.split(":")
        return keeper, which, decoded(wrapped)
    except ValueError as error:
        raise broken(name) from error


def file_label(name: str) -> bytes:
    return joined(b"civis.keyfile.v1", name)


def broken(name: str) -> KeyFileError:
    return KeyFileError(f"The key file {name} was altered: restore it from its backup.")


def key_bytes(text: str) -> bytes:
    """The 32 bytes that a key file's text stands for. Raises KeyFileError."""
    try:
        key = decoded(text)
    except ValueError as error:
        raise KeyFileError("A key file holds no key: restore it from its backup.") from error
    if len(key) != KEY_BYTES:
        raise KeyFileError("A key file was cut short: restore it from its backup.")
    return key


def fresh() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Raises ValueError."""
    return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _given(secret: Secret) -> bytes:
    try:
        return key_bytes(secret.get())
    except KeyFileError as error:
        raise KeyFileError(
            f"{secret.name} is no key of 32 bytes in base64, or can't be read."
        ) from error


def _which(key: bytes) -> str:
    """Tells keys apart and says nothing of them."""
    return keyed(key, "civis.keeper.name").hex()[:16]


def _module(settings: SecurityModule) -> Keeper:
    try:
        module = import_module("app.privacy.security_module")
    except ModuleNotFoundError as error:
        raise KeyFileError(
            "Keys in a security module need python-pkcs11: install from requirements-pkcs11.lock."
        ) from error
    return cast("Keeper", module.Module(settings))
