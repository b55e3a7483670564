"""Wire fields for what the chain names: addresses, hashes, signatures; bytes inside, 0x outside."""

from __future__ import annotations

import re
from typing import Any

from eth_utils.address import is_checksum_address, is_hex_address, to_checksum_address
from marshmallow.fields import Field as BaseField

from app.fields import flawed


class Address(BaseField[str]):
    """A chain address; mixed case must be its checksum, loaded checksummed."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        if not isinstance(value, str) or not value.startswith("0x") or not is_hex_address(value):
            raise flawed("not-an-address")
        if value != value.lower() and not is_checksum_address(value):
            raise flawed("not-an-address")
        return str(to_checksum_address(value))


class HexBytes(BaseField[bytes]):
    """Bytes of a fixed size as 0x and lower or upper case hexadecimal."""

    def __init__(self, size: int, **options: Any) -> None:
        self.size = size
        super().__init__(**options)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> bytes:
        pattern = rf"0x[0-9a-fA-F]{{{2 * self.size}}}"
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise flawed("not-hex", bytes=self.size)
        return bytes.fromhex(value[2:])

    def _serialize(self, value: bytes | None, *_args: Any, **_kwargs: Any) -> str | None:
        return None if value is None else "0x" + value.hex()


class Hash32(HexBytes):
    """A 32-byte hash or id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(32, **options)


class Signature(HexBytes):
    """A 65-byte signature: r, s, v."""

    def __init__(self, **options: Any) -> None:
        super().__init__(65, **options)
