"""What keeps the keys under home/keys from somebody who reads that folder alone.

A secret that is named by a file is read when it is needed: a part that opens no key needs none.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.keyfiles import KeyFileError


class KeeperKind(enum.StrEnum):
    """Who wraps a key file that is written from now on."""

    FILE = "file"  # nobody: the file is the key
    ENVIRONMENT = "environment"  # a key that the environment holds
    PKCS11 = "pkcs11"  # a key in a security module, one for each file


@dataclass(frozen=True)
class Secret:
    """A secret's value or the file that holds it; never shown."""

    name: str
    value: str = field(default="", repr=False)
    file: Path | None = None

    @classmethod
    def given(cls, name: str, value: str, file: str) -> Secret | None:
        """None where neither is."""
        return cls(name, value, Path(file) if file else None) if value or file else None

    def get(self) -> str:
        """Raises KeyFileError."""
        try:
            found = self.file.read_text("utf-8").strip() if self.file else self.value
        except (OSError, UnicodeDecodeError) as error:
            raise KeyFileError(f"{self.name}_FILE can't be read.") from error
        if not found:
            raise KeyFileError(f"{self.name}_FILE is empty.")
        return found


@dataclass(frozen=True)
class SecurityModule:
    """A slot of a PKCS#11 library, by the label that it was initialised with."""

    library: Path
    label: str
    pin: Secret


@dataclass(frozen=True)
class KeySettings:
    """`keeper` wraps what is written; what any of them wrapped can be read."""

    keeper: KeeperKind = KeeperKind.FILE
    environment: Secret | None = None
    environment_other: Secret | None = None
    module: SecurityModule | None = None


def keys_of(text: Callable[[str], str]) -> KeySettings:
    """`text` reads a variable. Raises ValueError, in words for whoever sets it."""
    try:
        keeper = KeeperKind(text("KEY_KEEPER") or "file")
    except ValueError as error:
        known = ", ".join(KeeperKind)
        raise ValueError(f"KEY_KEEPER is unknown: there are {known}.") from error
    now = Secret.given(
        "KEY_ENCRYPTION_KEY", text("KEY_ENCRYPTION_KEY"), text("KEY_ENCRYPTION_KEY_FILE")
    )
    other = Secret.given(
        "KEY_ENCRYPTION_KEY_OTHER",
        text("KEY_ENCRYPTION_KEY_OTHER"),
        text("KEY_ENCRYPTION_KEY_OTHER_FILE"),
    )
    module = _module(text)
    if keeper is KeeperKind.ENVIRONMENT and now is None:
        raise ValueError("Set KEY_ENCRYPTION_KEY or KEY_ENCRYPTION_KEY_FILE.")
    if keeper is KeeperKind.PKCS11 and module is None:
        raise ValueError("Set PKCS11_MODULE to the library of the security module.")
    return KeySettings(keeper, now, other, module)


def _module(text: Callable[[str], str]) -> SecurityModule | None:
    library, label = text("PKCS11_MODULE"), text("PKCS11_LABEL")
    pin = Secret.given("PKCS11_PIN", text("PKCS11_PIN"), text("PKCS11_PIN_FILE"))
    if not library:
        return None
    if not label:
        raise ValueError("Set PKCS11_LABEL to the label of the security module's slot.")
    if pin is None:
        raise ValueError("Set PKCS11_PIN_FILE to a file with the PIN, or PKCS11_PIN.")
    return SecurityModule(Path(library), label, pin)
