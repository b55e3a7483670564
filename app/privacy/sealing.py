"""Sealed values: AES-256-GCM, with the row that holds a value as associated data.

A sealed value copied to another row, column, table or subject does not open. Only app.privacy may
import this module (.importlinter): all others open by app.privacy.service, gate and log passed.
Shape: version byte 1, 12 bytes nonce, ciphertext with tag.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.privacy.keyed import joined

_VERSION = b"\x01"
_NONCE = 12


class SealBroken(Exception):  # noqa: N818 - it is a state of the world
    """The value was altered, or belongs to another row, or the key is another's."""


@dataclass(frozen=True)
class Ref:
    """The place of a sealed value: its row is part of what the seal protects."""

    table: str
    column: str
    row_id: UUID | str | bytes

    def label(self, owner: UUID) -> bytes:
        row = self.row_id.bytes if isinstance(self.row_id, UUID) else self.row_id
        return joined(b"civis.sealed.v1", owner.bytes, self.table, self.column, row)


def seal_bytes(key: bytes, plain: bytes, label: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plain, label)


def open_bytes(key: bytes, value: bytes, label: bytes) -> bytes:
    """The plain bytes. Raises SealBroken."""
    if value[:1] != _VERSION or len(value) < 1 + _NONCE + 16:
        raise SealBroken("not a sealed value")
    nonce, body = value[1 : 1 + _NONCE], value[1 + _NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, body, label)
    except InvalidTag as error:
        raise SealBroken("the seal does not fit this row") from error
