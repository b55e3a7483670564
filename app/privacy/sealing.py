"""Sealed values: AES-256-GCM, with the row that holds a value as associated data.

A sealed value copied to another row, column, table or subject does not open. Only app.privacy may
import this module (.importlinter): all others open by app.privacy.service, gate and log passed.
Shape: version byte 1, 12 bytes nonce, ciphertext with tag.
"""

from __future__ import annotations

import secrets
from functools import cache
from typing import NamedTuple, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.privacy.keyed import joined

_VERSION = b"\x01"
_NONCE = 12
_BODY = 1 + _NONCE
_LEAST = _BODY + 16
_SHOWN = ("access_record", "entry_sealed")
_SIXTEEN = (16).to_bytes(4, "big")  # the length of an id
_OF_OWNER = joined(b"civis.sealed.v1") + _SIXTEEN


class SealBroken(Exception):  # noqa: N818 - it is a state of the world
    """The value was altered, or belongs to another row, or the key is another's."""


class Ref(NamedTuple):
    """The place of a sealed value: its row is part of what the seal protects."""

    table: str
    column: str
    row_id: UUID | str | bytes

    @property
    def shown(self) -> bool:
        """Sealed by a key of its own: its subject may show it, and shows nothing else with it."""
        return _place(self.table, self.column)[1]

    def label(self, owner: UUID) -> bytes:
        """`civis.sealed.v1`, owner, table, column and row, each behind its length."""
        return owner_label(owner) + self.place()[0]

    def place(self) -> tuple[bytes, bool]:
        """What follows the owner in its label, and whether it is `shown`."""
        table, column, row = self
        named, shown = _place(table, column)
        if type(row) is UUID:
            return named + _SIXTEEN + row.bytes, shown
        raw = row.encode() if type(row) is str else cast("bytes", row)
        return named + len(raw).to_bytes(4, "big") + raw, shown


def owner_label(owner: UUID) -> bytes:
    return _OF_OWNER + owner.bytes


@cache
def _place(table: str, column: str) -> tuple[bytes, bool]:
    return joined(table, column), (table, column) == _SHOWN


def seal_bytes(key: bytes, plain: bytes, label: bytes) -> bytes:
    return seal_with(cipher_with(key), plain, label)


def cipher_with(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal_with(cipher: AESGCM, plain: bytes, label: bytes) -> bytes:
    """With a cipher that is used again: making one takes as long as sealing."""
    nonce = secrets.token_bytes(_NONCE)
    return _VERSION + nonce + cipher.encrypt(nonce, plain, label)


def open_bytes(key: bytes, value: bytes, label: bytes) -> bytes:
    """The plain bytes. Raises SealBroken."""
    return open_with(cipher_with(key), value, label)


def open_with(cipher: AESGCM, value: bytes, label: bytes) -> bytes:
    """The same with a cipher that is used again. Raises SealBroken."""
    if len(value) < _LEAST or value[0] != _VERSION[0]:
        raise SealBroken("not a sealed value")
    try:
        return cipher.decrypt(value[1:_BODY], value[_BODY:], label)
    except InvalidTag as error:
        raise SealBroken("the seal does not fit this row") from error
