"""What web, workers and signer say to each other over the signer's Unix socket.

A message is four bytes of length, big-endian, then JSON. Bytes travel as 0x hex. A request is
{"operation": name, ...arguments}; an answer {"ok": value} or {"problem": code, "values": {...}}.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from app.chain import typed
from app.errors import Words, define

MAX_MESSAGE = 4_000_000  # a full batch of credits as calldata stays below
_LENGTH = 4
S = TypeVar("S", bound=typed.Struct)

STATEMENTS: dict[str, type[typed.Struct]] = {
    "attestation": typed.Attestation,
    "key_certificate": typed.KeyCertificate,
    "import": typed.ImportStatement,
}

_WAIT = ("Try again in a minute.", "Réessayez dans une minute.")
_PROBLEMS: dict[str, tuple[int, Words, Words]] = {
    "signer-away": (
        503,
        ("Signing is not possible right now", "Nothing was done.", _WAIT[0]),
        ("La signature est impossible en ce moment", "Rien n’a été fait.", _WAIT[1]),
    ),
    "signer-not-ready": (
        503,
        ("The contracts are not deployed yet", "Nothing was done.", _WAIT[0]),
        ("Les contrats ne sont pas encore déployés", "Rien n’a été fait.", _WAIT[1]),
    ),
    "signer-request-invalid": (
        500,
        ("The signer can't read the request", "Nothing was signed.", "Tell us the reference."),
        (
            "Le signataire ne comprend pas la demande",
            "Rien n’a été signé.",
            "Donnez-nous la référence.",
        ),
    ),
    "signer-no-session": (
        401,
        ("Please sign in again", "The session has ended.", "Sign in, then try again."),
        ("Reconnectez-vous", "La session est terminée.", "Connectez-vous puis réessayez."),
    ),
    "signer-not-owner": (
        403,
        ("This account is not yours", "Only its owner can use it.", "Sign in as its owner."),
        (
            "Ce compte n’est pas le vôtre",
            "Seul son titulaire l’utilise.",
            "Connectez-vous comme tel.",
        ),
    ),
    "signer-key-not-held": (
        403,
        ("The key is not held here", "Its holder must sign.", "Sign on the device with the key."),
        ("La clé n’est pas gardée ici", "Son détenteur doit signer.", "Signez avec l’appareil."),
    ),
    "signer-payee-not-active": (
        422,
        ("This shop can't be paid now", "It is not registered, or closing.", "Ask the shop."),
        ("Ce commerce ne peut pas être payé", "Il n’est pas inscrit, ou ferme.", "Demandez-lui."),
    ),
    "signer-order-refused": (
        422,
        ("The order can't be signed", "It is too old, or belongs elsewhere.", "Pay again."),
        ("L’ordre ne peut pas être signé", "Trop ancien ou d’ailleurs.", "Recommencez."),
    ),
    "signer-payment-ceiling": (
        422,
        (
            "Too much for one payment",
            "A wallet kept by the city pays {ceiling} tokens to one shop in five minutes.",
            "Pay less, or use a wallet on your own device.",
        ),
        (
            "Trop pour un paiement",
            "Au plus {ceiling} jetons à un commerce en cinq minutes, si la ville a la clé.",
            "Payez moins, ou utilisez un portefeuille sur votre appareil.",
        ),
    ),
    "signer-day-ceiling": (
        422,
        (
            "Too much for one day",
            "A wallet kept by the city pays {ceiling} tokens within 24 hours.",
            "Pay the rest tomorrow, or use a wallet on your own device.",
        ),
        (
            "Trop pour une journée",
            "Un portefeuille gardé par la ville paie {ceiling} jetons en 24 heures.",
            "Payez le reste demain, ou utilisez un portefeuille sur votre appareil.",
        ),
    ),
    "signer-moves-ceiling": (
        409,
        (
            "Too many wallets move today",
            "What leaves the city’s keeping in a day is limited, so that a break-in stays small.",
            "Try again tomorrow; until then your wallet pays as before.",
        ),
        (
            "Trop de portefeuilles changent de place aujourd’hui",
            "Ce qui quitte la garde de la ville en un jour est limité, contre les intrusions.",
            "Réessayez demain ; d’ici là votre portefeuille paie comme avant.",
        ),
    ),
    "signer-move-waits": (
        409,
        (
            "This move has to wait",
            "What leaves for another key is announced first, so that its owner can stop it.",
            "See “The key of my wallet” for the moment; until then your wallet pays as before.",
        ),
        (
            "Ce passage doit attendre",
            "Ce qui part vers une autre clé est d’abord annoncé : son titulaire peut l’arrêter.",
            "Voyez le moment dans « La clé de mon portefeuille » ; d’ici là tout se paie.",
        ),
    ),
    "signer-passkey-young": (
        409,
        (
            "This passkey is too new for that",
            "Only one that you have had for {days} days shortens the wait. Nothing was moved.",
            "Move them without it: the page then says from when on.",
        ),
        (
            "Cette clé d’accès est trop récente",
            "Seule une clé d’au moins {days} jours raccourcit l’attente. Rien n’a bougé.",
            "Déplacez sans elle : la page dit alors à partir de quand.",
        ),
    ),
    "signer-seal-refused": (
        409,
        (
            "This seal of the access log is refused",
            "Seal {number} was the last that was signed, and this one does not follow it.",
            "Compare the database with its backup: see the operators' guide, the access log.",
        ),
        (
            "Ce sceau du journal d’accès est refusé",
            "Le dernier sceau signé porte le numéro {number}, et celui-ci ne le suit pas.",
            "Comparez la base à sa sauvegarde : voir le guide d’exploitation, journal d’accès.",
        ),
    ),
    "signer-call-refused": (
        500,
        ("The signer refuses this call", "It is not the role’s.", "Tell us the reference."),
        ("Le signataire refuse cet appel", "Hors du rôle.", "Donnez-nous la référence."),
    ),
}
for _code, (_status, _en, _fr) in _PROBLEMS.items():
    define(_code, _status, en=_en, fr=_fr)


class DisconnectedError(ConnectionError):
    """The other side is gone, in the middle of a message or before one."""


def send(channel: socket.socket, message: dict[str, Any]) -> None:
    raw = json.dumps(message).encode()
    if len(raw) > MAX_MESSAGE:
        raise ValueError("the message is too long for the signer")
    channel.sendall(len(raw).to_bytes(_LENGTH, "big") + raw)


def receive(channel: socket.socket) -> dict[str, Any]:
    """The next message. Raises DisconnectedError, ValueError when it is none."""
    size = int.from_bytes(_exactly(channel, _LENGTH), "big")
    if size > MAX_MESSAGE:
        raise ValueError("the message is too long")
    message = json.loads(_exactly(channel, size))
    if not isinstance(message, dict):
        raise ValueError("the message is no object")  # noqa: TRY004 - of what came in, as said
    return message


def _exactly(channel: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = channel.recv(min(size - len(parts), 65_536))
        if not part:
            raise DisconnectedError("the other side closed")
        parts += part
    return bytes(parts)


def struct_to_json(struct: typed.Struct) -> dict[str, Any]:
    values = {field.name: getattr(struct, field.name) for field in fields(struct)}  # type: ignore[arg-type]
    return {name: _hex(value) for name, value in values.items()}


def struct_from_json(kind: type[S], values: dict[str, Any]) -> S:
    """Raises ValueError, TypeError or KeyError for what is no such struct."""
    kinds = [kind_name for kind_name, _ in typed.members(kind.TYPE)]
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    if set(values) != set(names):
        raise ValueError("other members than the struct's")
    given = (_plain(word, values[name]) for word, name in zip(kinds, names, strict=True))
    struct = kind(*given)
    struct.struct_hash()  # refuses what does not fit its type
    return struct


def _hex(value: Any) -> Any:
    return "0x" + value.hex() if isinstance(value, bytes) else value


def _plain(word: str, value: Any) -> Any:
    if word == "address":
        return typed.checksum(value)
    return from_hex(value) if word == "bytes32" else value


def from_hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def socket_path(home: Path) -> Path:
    return home / "run" / "signer.sock"


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """A name of the socket that fits into 107 bytes, however deep the home lies."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
