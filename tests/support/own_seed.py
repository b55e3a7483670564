"""What app/web/static/js/seed.js and vault.js compute, once more and by other libraries."""

from __future__ import annotations

from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def code_of(seed: bytes) -> str:
    """128 bits and twelve of their hash, five to a sign, four signs to a group."""
    number = (
        int.from_bytes(seed, "big") << 12 | int.from_bytes(sha256(seed).digest()[:2], "big") >> 4
    )
    signs = "".join(SIGNS[number >> 5 * at & 31] for at in reversed(range(28)))
    return " ".join(signs[at : at + 4] for at in range(0, 28, 4))


def seed_of(code: str) -> bytes:
    number = 0
    for sign in code.replace(" ", ""):
        number = number << 5 | SIGNS.index(sign)
    seed = (number >> 12).to_bytes(16, "big")
    assert code_of(seed) == code
    return seed


def key_of(seed: bytes, programme: bytes) -> bytes:
    hkdf = HKDF(SHA256(), 48, b"civis.wallet.v1", b"civis.account.v1" + programme)
    return (int.from_bytes(hkdf.derive(seed), "big") % (ORDER - 1) + 1).to_bytes(32, "big")


def unlocked(passphrase: str, record: dict[str, list[int]]) -> bytes:
    """The seed out of a browser's record, whose bytes are lists here."""
    salt, iv, sealed = (bytes(record[name]) for name in ("salt", "iv", "sealed"))
    key = Argon2id(salt=salt, length=32, iterations=2, lanes=1, memory_cost=19_456)
    return AESGCM(key.derive(passphrase.encode())).decrypt(iv, sealed, None)
