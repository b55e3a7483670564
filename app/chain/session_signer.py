"""What the signer does for one signed-in person, by the raw session token of their request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.chain import typed
from app.chain.signer_protocol import STATEMENTS, struct_to_json

if TYPE_CHECKING:
    from app.chain.signer import SignerClient


@dataclass(frozen=True)
class SessionSigner:
    """The signer on behalf of one signed-in person; what MERCHANTS calls the desk's signer.

    `session_id`, where given, must be the token's own session: a mix-up is refused.
    """

    client: SignerClient
    token: str

    def new_account(self) -> str:
        return self.client.new_account()

    def countersign(self, digest: bytes, *, desk: str | None = None) -> bytes:
        return self.client.countersign(digest, desk=desk)

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

    def announce_move(
        self,
        announced: UUID,
        move: typed.Struct,
        receiver_signature: bytes,
        passkey: dict[str, Any] | None,
    ) -> datetime:
        """When the session's person, who has just proved who they are, may move to this key.

        `passkey`: what an old one signed, and for which moves; see workers.signer.passkeys."""
        signed = "0x" + receiver_signature.hex()
        said = self.client.ask(
            "announce_move",
            token=self.token,
            announced=str(announced),
            move=struct_to_json(move),
            receiver_signature=signed,
            passkey=passkey,
        )
        return datetime.fromisoformat(said)

    def sign_card_gift(self, order: typed.Order, *, number: str, pin: str) -> bytes:
        """The same before an officer, whose session it is, and to an association alone."""
        return self._signed(
            "sign_card_gift", None, order=struct_to_json(order), number=number, pin=pin
        )

    def sign_move(self, announced: UUID, move: typed.Struct) -> bytes:
        return self.client.sign_move(announced, move)

    def accept_move(self, move: typed.Struct, wallet: str, announced: UUID | None) -> bytes:
        return self.client.accept_move(move, wallet, announced)

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

    def sign_refund(
        self, refund: typed.Refund, *, desk: str | None = None, session_id: UUID | None = None
    ) -> bytes:
        """With a merchant's server-held key, for somebody of that merchant."""
        return self._signed("sign_refund", session_id, refund=struct_to_json(refund), desk=desk)

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
