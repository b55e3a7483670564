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
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from app.chain import typed
from app.chain.log_seals import LogSeal
from app.chain.signer_protocol import (
    STATEMENTS,
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

    def sign_contest_refund(self, refund: typed.Refund) -> bytes:
        """With a merchant's server-held key, of a payment whose contest two officers upheld."""
        return self.signature("sign_contest_refund", refund=struct_to_json(refund))

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

    def countersign(self, digest: bytes) -> bytes:
        """The acceptor's signature over an order's or refund's id; call after the hold."""
        return self.signature("countersign", order_id="0x" + digest.hex())

    def release(self, case_id: UUID, holds: int) -> bytes:
        """The acceptor's word that a ripe recovery leaves `holds` cents for payees."""
        return self.signature("release", case_id=str(case_id), holds=holds)

    def end_recovered_cards(self, case_id: UUID) -> None:
        """No card of the person pays any more, since a ripe recovery gives their account back."""
        self.ask("end_recovered_cards", case_id=str(case_id))

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


@dataclass(frozen=True)
class SessionSigner:
    """The signer on behalf of one signed-in person; what MERCHANTS calls the desk's signer.

    `session_id`, where given, must be the token's own session: a mix-up is refused.
    """

    client: SignerClient
    token: str

    def new_account(self) -> str:
        return self.client.new_account()

    def countersign(self, digest: bytes) -> bytes:
        return self.client.countersign(digest)

    def sign_order(self, order: typed.Order, *, session_id: UUID | None = None) -> bytes:
        """For a custodial account of the session's person, within the ceilings."""
        return self._signed("sign_order", session_id, order=struct_to_json(order))

    def sign_order_for(
        self, order: typed.Order, *, mandate_id: UUID, session_id: UUID | None = None
    ) -> bytes:
        """For a custodial account of whoever gave the session's person this mandate."""
        return self._signed(
            "sign_order_for", session_id, order=struct_to_json(order), mandate_id=str(mandate_id)
        )

    def allow_mandate(self, mandate: dict[str, Any]) -> None:
        """The session's person lets another pay; only just after proving who they are."""
        self._ask("allow_mandate", mandate=mandate)

    def allow_mandate_by_card(
        self, number: str, pin: str, person_id: UUID, mandate: dict[str, Any]
    ) -> None:
        """For an officer: a card's holder, who typed the PIN, lets another pay."""
        person = str(person_id)
        self._ask(
            "allow_mandate_by_card", number=number, pin=pin, person_id=person, mandate=mandate
        )

    def sign_card_order(self, order: typed.Order, *, number: str, pin: str) -> bytes:
        """For the account of a card's holder who typed the PIN here, at the session's own till."""
        return self._signed(
            "sign_card_order", None, order=struct_to_json(order), number=number, pin=pin
        )

    def sign_card_gift(self, order: typed.Order, *, number: str, pin: str) -> bytes:
        """The same before an officer, whose session it is, and to an association alone."""
        return self._signed(
            "sign_card_gift", None, order=struct_to_json(order), number=number, pin=pin
        )

    def sign_move(self, move: typed.Struct, receiver_signature: bytes) -> bytes:
        """For a custodial account of the session's person, who has just proved who they are."""
        signed = "0x" + receiver_signature.hex()
        return self._signed("sign_move", None, move=struct_to_json(move), receiver_signature=signed)

    def accept_move(self, move: typed.Struct, wallet: str) -> bytes:
        """The acceptor's word on an owner's change of account to such a `wallet`; call before the
        hold."""
        return self.client.signature("accept_move", move=struct_to_json(move), wallet=wallet)

    def set_pin(self, number: str, pin: str) -> None:
        """For an officer: the holder's choice."""
        self._ask("set_pin", number=number, pin=pin)

    def take_over_card(self, number: str, person_id: UUID, old_number: str | None) -> None:
        """For an officer: a card with which nothing was earned becomes this person's."""
        person = str(person_id)
        self._ask("take_over_card", number=number, person_id=person, old_number=old_number)

    def end_cards(self, person_id: UUID) -> None:
        """For an officer or the holder: no card of the person pays any more."""
        self._ask("end_cards", person_id=str(person_id))

    def open_card_to_sessions(self, number: str, pin: str) -> None:
        """For an officer: the holder may sign in from now on, and pay so."""
        self._ask("open_card_to_sessions", number=number, pin=pin)

    def sign_refund(self, refund: typed.Refund, *, session_id: UUID | None = None) -> bytes:
        """With a merchant's server-held key, for somebody of that merchant."""
        return self._signed("sign_refund", session_id, refund=struct_to_json(refund))

    def sign_statement(self, address: str, statement: typed.Struct) -> bytes:
        """With a server-held key of an organisation or clerk, for somebody of theirs.

        `statement`: typed.Attestation, KeyCertificate or ImportStatement.
        """
        kind = next(name for name, known in STATEMENTS.items() if isinstance(statement, known))
        return self._signed(
            "sign_statement", None, address=address, kind=kind, statement=struct_to_json(statement)
        )

    def _ask(self, operation: str, **arguments: Any) -> None:
        self.client.ask(operation, token=self.token, **arguments)

    def _signed(self, operation: str, session_id: UUID | None, **arguments: Any) -> bytes:
        if session_id is not None:
            arguments["session_id"] = str(session_id)
        return self.client.signature(operation, token=self.token, **arguments)
