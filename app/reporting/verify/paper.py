"""A proof on paper: pieces that a QR code holds and a person can type, in any order.

A piece is `CIVIS1-<proof>-<which>-<of how many>-<signs>-<check>`, in capitals and digits alone, so
that the denser mode of a QR code holds it; its check finds a slip and names the piece. What
separates signs or pieces is ignored. The whole is compressed, so it is read with a bound.
"""

from __future__ import annotations

import base64
import re
import zlib
from hashlib import sha256

SIGNS = 480  # of a piece: a code of 77 dots a side, read from paper at arm's length
MOST = 1_000_000
_PIECE = re.compile(r"CIVIS1-([A-Z2-7]{6})-([0-9]{1,3})-([0-9]{1,3})-([A-Z2-7]+)-([A-Z2-7]{8})")


class NotReadError(Exception):
    """Says what is wrong with what was scanned or typed."""


def pieces(content: bytes) -> list[str]:
    packed = zlib.compress(content, 9)
    signs = _signs(packed)
    parts = [signs[at : at + SIGNS] for at in range(0, len(signs), SIGNS)]
    name = _signs(sha256(packed).digest())[:6]
    heads = [f"{name}-{at}-{len(parts)}-{part}" for at, part in enumerate(parts, start=1)]
    return [f"CIVIS1-{head}-{_check(head)}" for head in heads]


def is_paper(text: str) -> bool:
    return "CIVIS1-" in _plain(text)


def read(text: str) -> bytes:
    """What the pieces hold together. Raises NotReadError."""
    found = _PIECE.findall(_plain(text))
    parts: dict[int, str] = {}
    for name, at, count, signs, check in found:
        if _check(f"{name}-{at}-{count}-{signs}") != check:
            raise NotReadError(f"piece {at} has a slip: its check is another")
        parts[int(at)] = signs
    kinds = {(name, int(count)) for name, _, count, _, _ in found}
    if len(kinds) != 1:
        raise NotReadError("these are pieces of several proofs" if kinds else "no whole piece")
    [(_, most)] = kinds
    missing = sorted({*range(1, most + 1)} - parts.keys())
    if missing:
        raise NotReadError(f"these pieces are missing: {', '.join(map(str, missing))}")
    return _unpacked("".join(parts[at] for at in range(1, most + 1)))


def _plain(text: str) -> str:
    return "".join(text.split()).upper()


def _unpacked(signs: str) -> bytes:
    inflating = zlib.decompressobj()
    try:
        packed = base64.b32decode(signs + "=" * (-len(signs) % 8))
        content = inflating.decompress(packed, MOST)
    except (ValueError, zlib.error) as error:
        raise NotReadError(f"the pieces hold nothing that can be read: {error}") from error
    if inflating.unconsumed_tail or not inflating.eof:
        raise NotReadError("the pieces hold no whole proof")
    return content


def _check(head: str) -> str:
    return _signs(sha256(head.encode()).digest())[:8]


def _signs(content: bytes) -> str:
    return base64.b32encode(content).decode("ascii").rstrip("=")
