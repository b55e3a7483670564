"""Nonces that the chain has used since the backup, taken over one by one.

For every key, today's and earlier ones, in nonce order: the bytes that were signed lie in the
artefact store, and a nonce is taken over only when a block holds the hash of one of them. What is
signed and in no block yet is taken over too, or its bytes could be mined beside others with the
same nonce. The ordinary jobs then confirm and index what came back. A nonce that a stranger used is
the operator's to accept; what its transaction did is then still held to our lists. So is one to
fill, whose bytes are lost. Never commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app import journal
from app.backup.lost_bytes import WAITS, fill, hand_over, is_ours
from app.chain.contracts.expected import skipped
from app.chain.edge import Edge
from app.chain.rpc.answers import Receipt
from app.chain.sending.adopting import Place, stranger
from app.chain.sending.kept_transactions import Kept, kept_of, keys_kept, last_kept
from app.chain.sending.restored_rows import Came, Unmatched
from app.outbox.models import ChainTransaction, OutboxItem, OutboxState, TransactionState
from app.outbox.operator import SIGNERS
from app.outbox.queue import UNFINISHED
from app.recovery.moves import AGAIN

Reasons = Mapping[tuple[str, int], str]
LAST = ("minter", "settler", "burner")  # what they send counts on what the others have sent


@dataclass
class Taking:
    """`strangers`, `fill`: reasons by key or address, and nonce. `nonces` by signer; `unmatched`:
    what keeps the doors shut; `remarks`: what is lost."""

    session: Session
    edge: Edge
    now: datetime
    strangers: Reasons = field(default_factory=dict)
    fill: Reasons = field(default_factory=dict)
    nonces: dict[str, list[int]] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def take_over(self) -> None:
        """All keys; one that does not match stops there, and the others are looked at too."""
        with self.edge.client.one_node():
            for role, address in self._keys():
                self._key(role, address)

    def _keys(self) -> list[tuple[str, str]]:
        """Those in whose place others are by now, and then the signer's own."""
        own = {self.edge.signer.address_of(role): role for role in SIGNERS}
        known = keys_kept(self.edge.artefacts) | own
        turns = {role: turn for turn, role in enumerate(LAST)}
        return sorted(
            ((role, address) for address, role in known.items()),
            key=lambda one: (turns.get(one[0], -1), one[0], one[1] in own, one[1]),
        )

    def _key(self, role: str, address: str) -> None:
        self._fillers(address)
        first, used = self._next(address), self.edge.client.nonce(address)
        last = last_kept(self.edge.artefacts, address, self.edge.client.chain_id)
        for nonce in range(first, max(used, -1 if last is None else last + 1)):
            try:
                place = Place(role, address, nonce)
                if nonce < used:
                    self._used(place)
                else:
                    self._unused(place)
            except Unmatched as why:
                self.unmatched.append(f"{role} {address}, nonce {nonce}: {why}")
                return
            self.nonces.setdefault(role, []).append(nonce)

    def _next(self, address: str) -> int:
        highest = self.session.scalar(
            select(func.max(col(ChainTransaction.nonce))).where(
                col(ChainTransaction.signer_address) == address,
                col(ChainTransaction.chain_id) == self.edge.client.chain_id,
            )
        )
        return 0 if highest is None else int(highest) + 1

    def _fillers(self, address: str) -> None:
        """What the books hold as sent may have been filled since."""
        query = select(ChainTransaction).where(
            col(ChainTransaction.signer_address) == address,
            col(ChainTransaction.state).in_(UNFINISHED),
            col(ChainTransaction.filler_hash).is_(None),
        )
        for row in self.session.scalars(query):
            for one in kept_of(self.edge.artefacts, address, row.nonce):
                if one.fills == row.hash:
                    _fill(row, one)

    def _used(self, place: Place) -> None:
        """Raises Unmatched unless one of what was signed with it is what the chain holds."""
        found = self._found(place)
        receipts = {one.hash: self.edge.client.receipt(one.hash) for one in found}
        fitting = [one for one in found if receipts[one.hash]]
        if not fitting:
            self._stranger(place)
            return
        chosen = max(fitting, key=_latest)
        if is_ours(chosen):
            self._check_final(place, WAITS)
            why = f"its bytes were lost and it was filled with nothing, {chosen.reason}"
            self.remarks.append(f"{place.role} {place.address}, nonce {place.nonce}: {why}")
        receipt = receipts[chosen.hash]
        done = receipt if receipt and receipt.succeeded and chosen.fills is None else None
        self._again(chosen, found, done)

    def _unused(self, place: Place) -> None:
        """Raises Unmatched where nothing is known that a block may still hold, or it was filled."""
        found = self._found(place)
        if not found:
            if (reason := _reason(self.fill, place)) is None:
                raise Unmatched("its bytes are missing in the artefact store, later ones are there")
            fill(self.session, self.edge, place, reason, self.now)
        chosen = max(found, key=_latest)
        if is_ours(chosen):
            hand_over(self.session, self.edge, place, chosen.raw)
        self._again(chosen, found, None)

    def _found(self, place: Place) -> list[Kept]:
        kept = kept_of(self.edge.artefacts, place.address, place.nonce)
        return [one for one in kept if one.chain_id == self.edge.client.chain_id]

    def _again(self, chosen: Kept, found: list[Kept], done: Receipt | None) -> None:
        row = _row(chosen, [one for one in found if one.hash == chosen.fills])
        self.session.add(row)
        self.session.flush()
        for said in chosen.items:
            self._item(row, said, done)

    def _stranger(self, place: Place) -> None:
        """Raises Unmatched unless the operator says so, and a final block has it."""
        if (reason := _reason(self.strangers, place)) is None:
            raise Unmatched("used for nothing that the artefact store holds")
        self._check_final(place, "a stranger used it in a block that isn't final yet: wait")
        self.session.add(stranger(self.edge, place, reason, self.now))
        named = {"address": place.address, "nonce": str(place.nonce)}
        journal.note(self.session, journal.STRANGER_TAKEN, self.now, **named)
        what = f"used by a stranger, and what it did is not in these books, {reason}"
        self.remarks.append(f"{place.role} {place.address}, nonce {place.nonce}: {what}")

    def _check_final(self, place: Place, otherwise: str) -> None:
        head = self.edge.client.head().number
        final = max(head - self.edge.chain.finality_depth, 0)
        if place.nonce >= self.edge.client.nonce(place.address, final):
            raise Unmatched(otherwise)

    def _item(self, row: ChainTransaction, said: dict[str, Any], done: Receipt | None) -> None:
        """The outbox row, carried by the transaction again, then whatever its owner must know."""
        known = select(OutboxItem).where(
            col(OutboxItem.kind) == said["kind"], col(OutboxItem.key) == said["key"]
        )
        item = self.session.scalars(known.with_for_update()).first()
        new = item is None
        item = item or _new_item(said)
        self.session.add(item)
        item.payload, item.signer = said["payload"], said["signer"]
        item.state, item.transaction_id = OutboxState.SENT, row.id
        item.not_before = item.waits_until = None
        item.attempts += 1
        self.session.flush()
        again = AGAIN.get(item.kind)
        if again is not None:
            executed = done is not None and skipped(self.edge, item, done) is None
            came = Came(item, said["about"], executed, new, self.edge.artefacts, self.now)
            self.remarks = last_words(self.remarks, again(self.session, came))
        elif new:
            self.remarks.append(f"{item.kind} {item.key}: sent, and to be entered here again")


def last_words(before: list[str], said: list[str]) -> list[str]:
    """Of several remarks about one thing the last counts: an order that a pay-out has paid after
    all is not to be paid by hand."""
    about = {_about(remark) for remark in said}
    return [remark for remark in before if _about(remark) not in about] + said


def _about(remark: str) -> str:
    return remark.partition(":")[0]


def _reason(said: Reasons, place: Place) -> str | None:
    """What the operator says of it, by the key's name or its address."""
    by_name = said.get((place.role, place.nonce))
    return by_name or said.get((place.address, place.nonce))


def _latest(one: Kept) -> tuple[bool, str]:
    return (one.fills is not None, one.signed_at)


def _new_item(said: dict[str, Any]) -> OutboxItem:
    return OutboxItem(
        id=UUID(said["id"]),
        kind=said["kind"],
        key=said["key"],
        signer=said["signer"],
        payload=said["payload"],
        state=OutboxState.SENT,
        created_at=datetime.fromisoformat(said["created_at"]),
    )


def _row(chosen: Kept, filled: list[Kept]) -> ChainTransaction:
    """As if nobody knew it: the sender hands the same bytes over unless a block holds them, the
    confirmer finds the receipt."""
    first = filled[0] if filled else chosen
    row = ChainTransaction(
        kind=chosen.kind,
        signer=chosen.signer,
        signer_address=chosen.address,
        chain_id=chosen.chain_id,
        nonce=chosen.nonce,
        raw=first.raw,
        hash=chosen.fills or chosen.hash,
        state=TransactionState.PREPARED,
        signed_at=datetime.fromisoformat(chosen.signed_at),
    )
    if chosen.fills is not None:
        _fill(row, chosen)
    return row


def _fill(row: ChainTransaction, filler: Kept) -> None:
    row.filler_raw, row.filler_hash = filler.raw, filler.hash
    row.abandoned = row.abandoned or filler.reason or "filled before the restore"
