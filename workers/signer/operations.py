"""What the signer does when asked. Each operation checks first, commits its count, then signs.

A count is committed before its signature exists: if the answer is lost, asking again gives the
same signature and counts nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from eth_account import Account as EthAccount
from sqlalchemy.orm import Session

from app.chain import typed
from app.chain.deploying.role_keys import ACCEPTOR, ROLES, role_key
from app.chain.log_seals import LogSeal
from app.chain.signer_protocol import STATEMENTS, from_hex, struct_from_json
from app.chain.typed_recovery import Forward, Release
from app.clock import Clock
from app.db import Database
from app.errors import Problem
from app.identity.passkeys.ceremony import Site
from app.recovery.chain import chain_recovery_id
from workers.signer import ceilings, checks, mandates
from workers.signer.card_desk import CardDesk
from workers.signer.cards import check_by_session
from workers.signer.contracts import Contracts
from workers.signer.limits import Limits
from workers.signer.log_seals import SealBook
from workers.signer.move_desk import MoveDesk
from workers.signer.wallets import Wallets

# The member of a statement that names the organisation in whose name it speaks.
_SPEAKER = {"attestation": "attester", "key_certificate": "organisation", "import": "partner"}


@dataclass
class Signer:
    """One per process; its operations may run in parallel."""

    home: Path
    deployment_file: Path
    database: Database
    clock: Clock
    limits: Limits
    demo: bool
    site: Site

    @cached_property
    def wallets(self) -> Wallets:
        return Wallets(self.home)

    @cached_property
    def seals(self) -> SealBook:
        return SealBook(self.home)

    @property
    def contracts(self) -> Contracts:
        return Contracts.read(self.deployment_file)

    def answer(self, request: dict[str, Any]) -> Any:
        """The operation's value. Raises Problem; whatever else is wrong is the asker's message."""
        arguments = dict(request)
        operation = self._operations().get(str(arguments.pop("operation", "")))
        if operation is None:
            raise Problem("signer-request-invalid")
        return operation(**arguments)

    def _operations(self) -> dict[str, Callable[..., str]]:
        return {
            "ping": lambda: "civis-signer",
            "new_account": self.new_account,
            "address_of": self.address_of,
            "sign_order": self.sign_order,
            "sign_order_for": self.sign_order_for,
            "allow_mandate": self.allow_mandate,
            **CardDesk(self).operations(),
            **MoveDesk(self).operations(),
            "sign_refund": self.sign_refund,
            "sign_statement": self.sign_statement,
            "countersign": self.countersign,
            "release": self.release,
            "accept_forward": self.accept_forward,
            "sign_transaction": self.sign_transaction,
            "sign_log_seal": self.sign_log_seal,
        }

    def new_account(self) -> str:
        with self.database.transaction() as session:
            return self.wallets.make(session, self.clock.now(session))

    def address_of(self, role: str) -> str:
        if role not in ROLES:
            raise Problem("signer-call-refused")
        return typed.address_of(role_key(self.home, role))

    def sign_order(self, token: str, order: dict[str, Any], session_id: str | None = None) -> str:
        return self._order_signed(token, order, session_id, None)

    def sign_order_for(
        self, token: str, order: dict[str, Any], mandate_id: str, session_id: str | None = None
    ) -> str:
        """For the account of whoever gave this mandate to the session's person."""
        return self._order_signed(token, order, session_id, UUID(mandate_id))

    def _order_signed(
        self, token: str, order: dict[str, Any], session_id: str | None, mandate_id: UUID | None
    ) -> str:
        struct = struct_from_json(typed.Order, order)
        order_id = typed.order_digest(self.contracts.desk, struct)
        with self.database.transaction() as session:
            now = self.clock.now(session)
            asker = self.asker(session, token, session_id, now)
            checks.check_own(asker)
            check_by_session(session, asker.person_id)
            right = None
            if mandate_id is not None:
                right = mandates.right_of(session, mandate_id, asker, now)
                asker = replace(asker, person_id=right.owner_id)
            checks.check_account(session, struct.payer, struct.programme_id, asker.person_id, now)
            checks.check_payee(session, struct.payee)
            checks.check_fresh(struct, now)
            ceilings.count_order(
                session, order_id, struct, asker=asker, limits=self.limits, now=now, mandate=right
            )
            key = self.wallets.key(session, struct.payer)
        return _hex(typed.sign(order_id, key))

    def allow_mandate(self, token: str, mandate: dict[str, Any]) -> str:
        """The giver's own word that somebody else may pay, who has just proved who they are."""
        with self.database.transaction() as session:
            now = self.clock.now(session)
            asker = self.asker(session, token, None, now)
            checks.check_own(asker)
            check_by_session(session, asker.person_id)
            if not asker.proved:
                raise Problem("step-up-needed")
            mandates.allow(session, asker.person_id, mandate, by_card=False, now=now)
        return "allowed"

    def sign_refund(
        self,
        token: str,
        refund: dict[str, Any],
        session_id: str | None = None,
        desk: str | None = None,
    ) -> str:
        struct, domain = struct_from_json(typed.Refund, refund), self.contracts.desk_at(desk)
        with self.database.session() as session:
            now = self.clock.now(session)
            asker = self.asker(session, token, session_id, now)
            checks.check_refund(session, struct, asker, now)
            key = self.wallets.key(session, struct.payee)
        return _hex(typed.sign(typed.refund_digest(domain, struct), key))

    def sign_statement(self, token: str, address: str, kind: str, statement: dict[str, Any]) -> str:
        struct = struct_from_json(STATEMENTS[kind], statement)
        speaker = getattr(struct, _SPEAKER[kind])
        with self.database.session() as session:
            now = self.clock.now(session)
            asker = self.asker(session, token, None, now)
            checks.check_statement_key(
                session, address, kind, speaker=speaker, asker=asker, now=now
            )
            key = self.wallets.key(session, address)
        return _hex(typed.sign(typed.digest(self.contracts.attesters, struct), key))

    def asker(
        self, session: Session, token: str, session_id: str | None, now: datetime
    ) -> checks.Asker:
        return checks.check_session(session, token, session_id, now, code_will_do=self.demo)

    def countersign(self, order_id: str, desk: str | None = None) -> str:
        """The acceptor's word that a hold was made: whoever asks vouches for that."""
        acceptance = typed.acceptance_digest(self.contracts.desk_at(desk), from_hex(order_id))
        return _hex(typed.sign(acceptance, role_key(self.home, ACCEPTOR)))

    def release(self, case_id: str, holds: int) -> str:
        """The acceptor's word on a recovery that is ripe, with the holds that stand now."""
        case = UUID(case_id)
        with self.database.session() as session:
            checks.check_release(session, case, holds, self.clock.now(session))
        return self.accepted(Release(chain_recovery_id(case), holds))

    def accept_forward(self, forward: dict[str, Any]) -> str:
        """The acceptor's word; only of an account that another one has replaced."""
        struct = struct_from_json(Forward, forward)
        with self.database.session() as session:
            checks.check_replaced(session, struct.sender)
        return self.accepted(struct)

    def accepted(self, struct: typed.Struct) -> str:
        """The acceptor's countersignature for Recovery."""
        domain = self.contracts.recovery
        acceptance = typed.acceptance_digest(domain, typed.digest(domain, struct))
        return _hex(typed.sign(acceptance, role_key(self.home, ACCEPTOR)))

    def sign_transaction(self, role: str, transaction: dict[str, Any]) -> str:
        self.contracts.check_call(role, self.address_of(role), transaction)
        account = EthAccount.from_key(role_key(self.home, role))
        return _hex(bytes(account.sign_transaction(transaction).raw_transaction))

    def sign_log_seal(self, seal: dict[str, Any]) -> str:
        return _hex(self.seals.sign(LogSeal.from_json(seal)))


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
