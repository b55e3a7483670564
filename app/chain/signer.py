"""The way to the signer process; no key is ever in this one.

    signer = SignerClient.of(settings)
    signer.for_session(token).sign_order(order)      # token: the raw session token of the request

Every refusal is a Problem with one of the signer's codes, `signer-away` when it does not answer.
One connection per thread; a lost one is opened again once, since every operation may be repeated.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from app.chain import typed
from app.chain.log_seals import LogSeal
from app.chain.session_signer import SessionSigner
from app.chain.signer_protocol import (
    from_hex,
    receive,
    send,
    short_path,
    socket_path,
    struct_to_json,
)
from app.config import Settings
from app.errors import Problem

TIMEOUT_SECONDS = 10.0


class SignerClient:
    """Safe to share between threads; opens nothing until it is first used."""

    def __init__(self, path: Path, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self.path = path
        self.timeout = timeout
        self._of_thread = threading.local()

    @classmethod
    def of(cls, settings: Settings) -> SignerClient:
        return cls(socket_path(settings.home))

    def sign_contest_refund(self, refund: typed.Refund, *, desk: str | None = None) -> bytes:
        """With a merchant's server-held key, of a payment whose contest two officers upheld."""
        return self.signature("sign_contest_refund", refund=struct_to_json(refund), desk=desk)

    def for_session(self, token: str) -> SessionSigner:
        """The same, on behalf of whoever holds this session token."""
        return SessionSigner(self, token)

    def ping(self) -> bool:
        """Whether it answers; never raises."""
        try:
            return bool(self.ask("ping") == "civis-signer")
        except Problem:
            return False

    def new_account(self) -> str:
        """The address of a fresh custodial key."""
        return str(self.ask("new_account"))

    def register_cards(self, numbers: Sequence[str], people: Sequence[UUID]) -> None:
        """New cards, each for a person who is not committed yet."""
        known = [str(person) for person in people]
        self.ask("register_cards", numbers=list(numbers), people=known)

    def address_of(self, role: str) -> str:
        return str(self.ask("address_of", role=role))

    def countersign(self, digest: bytes, *, desk: str | None = None) -> bytes:
        """The acceptor's signature over an order's or refund's id, for the desk that it names (the
        one in force, if none is); call after the hold."""
        return self.signature("countersign", order_id="0x" + digest.hex(), desk=desk)

    def release(self, case_id: UUID, holds: int) -> bytes:
        """The acceptor's word that a ripe recovery leaves `holds` cents for payees."""
        return self.signature("release", case_id=str(case_id), holds=holds)

    def end_recovered_cards(self, case_id: UUID) -> None:
        """No card of the person pays any more, since a ripe recovery gives their account back."""
        self.ask("end_recovered_cards", case_id=str(case_id))

    def sign_move(self, announced: UUID, move: typed.Struct) -> bytes:
        """For a custodial account, once what was announced may be done."""
        said = {"announced": str(announced), "move": struct_to_json(move)}
        return self.signature("sign_move", **said)

    def accept_move(self, move: typed.Struct, wallet: str, announced: UUID | None) -> bytes:
        """The acceptor's word on an owner's change of account to such a `wallet`; call before the
        hold. `announced`: needed where the owner keeps the key."""
        told = None if announced is None else str(announced)
        return self.signature(
            "accept_move", move=struct_to_json(move), wallet=wallet, announced=told
        )

    def tidy_moves(self) -> tuple[int, list[str]]:
        """It looks which passkeys are new to it, ends what was blocked, forgets what has passed:
        how much, and which moves it was asked for of which nobody was told."""
        said = self.ask("tidy_moves")
        return int(said["done"]), [str(one) for one in said["untold"]]

    def accept_forward(self, forward: typed.Struct) -> bytes:
        """The acceptor's word that what reached a replaced account goes on; call after the hold."""
        return self.signature("accept_forward", forward=struct_to_json(forward))

    def sign_transaction(self, role: str, transaction: dict[str, Any]) -> bytes:
        """The raw transaction. Its data and address are 0x text, the rest integers."""
        return self.signature("sign_transaction", role=role, transaction=transaction)

    def sign_log_seal(self, seal: LogSeal) -> bytes:
        """The sealer's signature; a second seal of a number is refused, for ever."""
        return self.signature("sign_log_seal", seal=seal.to_json())

    def signature(self, operation: str, **arguments: Any) -> bytes:
        return from_hex(str(self.ask(operation, **arguments)))

    def ask(self, operation: str, **arguments: Any) -> Any:
        request = {"operation": operation, **arguments}
        try:
            answer = self._exchange(request)
        except (OSError, ValueError):
            self._drop()
            try:
                answer = self._exchange(request)
            except (OSError, ValueError) as error:
                self._drop()
                raise Problem("signer-away") from error
        if "problem" in answer:
            raise Problem(answer["problem"], **answer.get("values", {}))
        return answer["ok"]

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel()
        send(channel, request)
        return receive(channel)

    def _channel(self) -> socket.socket:
        known: socket.socket | None = getattr(self._of_thread, "channel", None)
        if known is None:
            known = socket.socket(socket.AF_UNIX)
            known.settimeout(self.timeout)
            self._of_thread.channel = known
            with short_path(self.path) as name:
                known.connect(name)
        return known

    def _drop(self) -> None:
        known: socket.socket | None = getattr(self._of_thread, "channel", None)
        self._of_thread.channel = None
        if known is not None:
            known.close()
