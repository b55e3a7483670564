"""A security module (PKCS#11): an AES key of its own for each key file, which never leaves it.

Destroying that key destroys the file, and every copy of it, for good. Each use logs in, does one
thing and logs out: unwrapped keys stay with the process, so this happens at its start and once a
month. Imported only where a module is set: python-pkcs11 is not installed by default.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import pkcs11

from app.key_settings import SecurityModule
from app.keyfiles import KeyFileError
from app.privacy.keepers import KeyDestroyed, broken, encoded, file_label, parts_of

_NONCE = 12
_ONE_LOGIN = Lock()  # a library knows one login per process, for all its threads
_USES = pkcs11.MechanismFlag.ENCRYPT | pkcs11.MechanismFlag.DECRYPT
_KEPT_INSIDE = {
    pkcs11.Attribute.PRIVATE: True,
    pkcs11.Attribute.SENSITIVE: True,
    pkcs11.Attribute.EXTRACTABLE: False,
}


class Module:
    def __init__(self, settings: SecurityModule) -> None:
        self._settings = settings

    def current(self, text: str) -> bool:
        return text.startswith("pkcs11:")

    def wrap(self, name: str, key: bytes) -> str:
        which, nonce = secrets.token_bytes(16), secrets.token_bytes(_NONCE)
        with self._session(write=True) as session:
            made: Any = session.generate_key(
                pkcs11.KeyType.AES,
                256,
                id=which,
                label=f"civis {name}",
                store=True,
                capabilities=_USES,
                template=_KEPT_INSIDE,
            )
            wrapped = made.encrypt(key, **_gcm(nonce, name))
        return f"pkcs11:{which.hex()}:{encoded(nonce + wrapped)}"

    def unwrap(self, name: str, text: str) -> bytes:
        which, value = _which(name, text)
        with self._session() as session:
            try:
                kept = _key(session, which)
            except pkcs11.NoSuchKey as error:
                raise KeyDestroyed(name) from error
            nonce, wrapped = value[:_NONCE], value[_NONCE:]
            return bytes(kept.decrypt(wrapped, **_gcm(nonce, name)))

    def forget(self, text: str) -> None:
        which, _ = _which("that goes", text)
        with self._session(write=True) as session:
            try:
                _key(session, which).destroy()
            except pkcs11.NoSuchKey:
                return

    @contextmanager
    def _session(self, *, write: bool = False) -> Iterator[pkcs11.Session]:
        """Raises KeyFileError, which never shows the PIN."""
        pin = self._settings.pin.get()
        label = self._settings.label
        try:
            with _ONE_LOGIN:
                library = pkcs11.lib(str(self._settings.library))
                slot = library.get_token(token_label=label)
                with slot.open(rw=write, user_pin=pin) as session:
                    yield session
        except pkcs11.PKCS11Error as error:
            raise KeyFileError(
                f"The security module {label!r} can't be used ({type(error).__name__}): see "
                "PKCS11_MODULE, PKCS11_LABEL and PKCS11_PIN_FILE."
            ) from error


def _key(session: pkcs11.Session, which: bytes) -> Any:
    """Raises pkcs11.NoSuchKey. What a key can do is mixed into its class when it is found."""
    return session.get_key(object_class=pkcs11.ObjectClass.SECRET_KEY, id=which)


def _gcm(nonce: bytes, name: str) -> dict[str, object]:
    parameters = pkcs11.GCMParams(nonce, file_label(name), 128)
    return {"mechanism": pkcs11.Mechanism.AES_GCM, "mechanism_param": parameters}


def _which(name: str, text: str) -> tuple[bytes, bytes]:
    """The key's id in the module, and what it wrapped. Raises KeyFileError."""
    _, which, value = parts_of(name, text)
    try:
        return bytes.fromhex(which), value
    except ValueError as error:
        raise broken(name) from error
