"""What the signer does with cards: at an officer's counter, at a till, and after a contest.

A try of a PIN is committed before anything else happens, right or wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.chain import typed
from app.chain.signer_protocol import struct_from_json
from app.errors import Problem
from app.identity.cards.numbers import is_easy, is_pin, read_number
from workers.signer import card_checks, ceilings, checks, mandates

if TYPE_CHECKING:
    from workers.signer.operations import Signer

MOST_AT_ONCE = 200


class CardDesk:
    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._cards = signer.wallets.cards

    def operations(self) -> dict[str, Callable[..., Any]]:
        return {
            "register_cards": self.register_cards,
            "set_pin": self.set_pin,
            "take_over_card": self.take_over_card,
            "end_cards": self.end_cards,
            "end_recovered_cards": self.end_recovered_cards,
            "open_card_to_sessions": self.open_card_to_sessions,
            "allow_mandate_by_card": self.allow_mandate_by_card,
            "sign_card_order": self.sign_card_order,
            "sign_card_gift": self.sign_card_gift,
            "sign_contest_refund": self.sign_contest_refund,
        }

    def register_cards(self, numbers: list[str], people: list[str]) -> int:
        """Anybody may: a card is good for nothing until an officer sets its PIN."""
        if not 0 < len(numbers) <= MOST_AT_ONCE or not all(map(read_number, numbers)):
            raise Problem("signer-request-invalid")
        with self._signer.database.transaction() as session:
            now = self._signer.clock.now(session)
            self._cards.register(session, numbers, [UUID(person) for person in people], now)
        return len(numbers)

    def set_pin(self, token: str, number: str, pin: str) -> str:
        if not is_pin(pin) or is_easy(pin):
            raise Problem("signer-request-invalid")
        with self._signer.database.transaction() as session:
            now = self._signer.clock.now(session)
            officer = self._officer(session, token, now)
            self._cards.set_pin(session, number, pin, officer, now)
        return "set"

    def take_over_card(
        self, token: str, number: str, person_id: str, old_number: str | None = None
    ) -> str:
        with self._signer.database.transaction() as session:
            now = self._signer.clock.now(session)
            self._officer(session, token, now)
            self._cards.take_over(session, number, UUID(person_id), old_number, now)
        return "taken"

    def end_cards(self, token: str, person_id: str) -> str:
        """An officer's block, the holder's own, or of who may close the account for them."""
        with self._signer.database.transaction() as session:
            now = self._signer.clock.now(session)
            asker = self._signer.asker(session, token, None, now)
            checks.check_own(asker)
            person = UUID(person_id)
            if asker.person_id != person and not mandates.may_close(session, asker, person, now):
                card_checks.check_officer(session, asker, now)
            self._cards.end(session, person, now)
        return "ended"

    def end_recovered_cards(self, case_id: str) -> str:
        """Whoever opened the account before, by a card and its PIN too, opens it no more."""
        with self._signer.database.transaction() as session:
            now = self._signer.clock.now(session)
            case = checks.ripe_case(session, UUID(case_id), now)
            self._cards.end(session, case.person_id, now)
        return "ended"

    def open_card_to_sessions(self, token: str, number: str, pin: str) -> str:
        with self._signer.database.session() as session:
            self._officer(session, token, self._signer.clock.now(session))
        person = self._holder(number, pin)
        with self._signer.database.transaction() as session:
            self._cards.open_to_sessions(session, person)
        return "open"

    def allow_mandate_by_card(
        self, token: str, number: str, pin: str, person_id: str, mandate: dict[str, Any]
    ) -> str:
        """The holder's word, with card and PIN at an officer's counter, that another may pay."""
        with self._signer.database.session() as session:
            self._officer(session, token, self._signer.clock.now(session))
        holder = self._holder(number, pin)
        if holder != UUID(person_id):
            raise Problem("card-or-pin-wrong")
        with self._signer.database.transaction() as session:
            now = self._signer.clock.now(session)
            mandates.allow(session, holder, mandate, by_card=True, now=now)
        return "allowed"

    def sign_card_order(self, token: str, number: str, pin: str, order: dict[str, Any]) -> str:
        """For the card's own person, at a till of the payee that the order names."""
        struct = struct_from_json(typed.Order, order)
        with self._signer.database.session() as session:
            now = self._signer.clock.now(session)
            asker = self._signer.asker(session, token, None, now)
            card_checks.check_till(session, asker, struct.payee, now)
        return self._sign_for(self._holder(number, pin), struct)

    def sign_card_gift(self, token: str, number: str, pin: str, order: dict[str, Any]) -> str:
        """For the card's own person, before an officer who didn't set its PIN; to nobody but an
        association."""
        struct = struct_from_json(typed.Order, order)
        with self._signer.database.session() as session:
            officer = self._officer(session, token, self._signer.clock.now(session))
            card_checks.check_association(session, struct.payee)
        holder = self._holder(number, pin)
        with self._signer.database.transaction() as session:
            now = self._signer.clock.now(session)
            self._cards.check_pin_settled(session, number, officer, now)
        return self._sign_for(holder, struct, gift=True)

    def _sign_for(self, person: UUID, struct: typed.Order, *, gift: bool = False) -> str:
        """By the account's own key, within a card's ceilings, or a gift's."""
        order_id = typed.order_digest(self._signer.contracts.desk, struct)
        with self._signer.database.transaction() as session:
            now = self._signer.clock.now(session)
            checks.check_account(session, struct.payer, struct.programme_id, person, now)
            checks.check_payee(session, struct.payee)
            checks.check_fresh(struct, now)
            holder = checks.Asker(person, by_passkey=False, proved=True)  # the PIN is the proof
            limits = self._signer.limits
            if gift:
                ceilings.count_gift(
                    session, order_id, struct, person=person, limits=limits, now=now
                )
            else:
                ceilings.count_order(
                    session, order_id, struct, asker=holder, limits=limits, now=now, by_card=True
                )
            key = self._signer.wallets.key(session, struct.payer)
        return "0x" + typed.sign(order_id, key).hex()

    def sign_contest_refund(self, refund: dict[str, Any], desk: str | None = None) -> str:
        """With a merchant's key, for nobody in particular: two officers upheld the contest."""
        struct = struct_from_json(typed.Refund, refund)
        domain = self._signer.contracts.desk_at(desk)
        with self._signer.database.session() as session:
            card_checks.check_contest(session, struct)
            key = self._signer.wallets.key(session, struct.payee)
        return "0x" + typed.sign(typed.refund_digest(domain, struct), key).hex()

    def _officer(self, session: Session, token: str, now: datetime) -> UUID:
        return card_checks.check_officer(
            session, self._signer.asker(session, token, None, now), now
        )

    def _holder(self, number: str, pin: str) -> UUID:
        with self._signer.database.transaction() as session:
            person = self._cards.holder(session, number, pin)
        if person is None:
            raise Problem("card-or-pin-wrong")
        return person
