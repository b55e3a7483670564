"""Blocks and recoveries over the wire."""

from __future__ import annotations

from app.chain_fields import Address, Hash32, Signature
from app.fields import (
    Cents,
    Choice,
    Day,
    Email,
    Flag,
    Id,
    Input,
    List,
    Nested,
    Output,
    Text,
    UtcTime,
    WholeNumber,
)
from app.identity.block_models import BlockChannel
from app.identity.models import WalletKind
from app.identity.passkeys.schemas import Credential
from app.recovery.models import DeathPaper, RecoveryKind, RecoveryState, Seen


class NewBlock(Input):
    known_by = Text(required=True, low=3, high=254)
    channel = Choice([BlockChannel.COUNTER.value, BlockChannel.TELEPHONE.value], required=True)


class BlockOut(Output):
    id = Id(required=True)
    channel = Choice(BlockChannel, required=True)
    since = UtcTime(required=True)
    until = UtcTime(required=True)


class NewRecovery(Input):
    known_by = Text(required=True, low=3, high=254)
    email = Email(required=True)
    seen = Choice([one.value for one in Seen], required=True)


class NewDeviceRecovery(Input):
    known_by = Text(required=True, low=3, high=254)
    programme_id = Id(required=True)
    new_address = Address(required=True)
    seen = Choice([one.value for one in Seen], required=True)


class RecoveryConfirmation(Input):
    """`code`: six digits, read in the new mailbox; of a device's account there is none."""

    code = Text(load_default="", low=0, high=20)


class NewDeath(Input):
    """`paper`: the proof that was seen; `paper_on`: the day on it."""

    known_by = Text(required=True, low=3, high=254)
    paper = Choice([one.value for one in DeathPaper], required=True)
    paper_on = Day(required=True)


class RecoveryOut(Output):
    id = Id(required=True)
    kind = Choice(RecoveryKind, required=True)
    state = Choice(RecoveryState, required=True)
    proposed_at = UtcTime(required=True)
    ready_at = UtcTime(required=True, allow_none=True)
    ends_at = UtcTime(required=True)
    objected_at = UtcTime(required=True, allow_none=True)


class RecoveryRead(RecoveryOut):
    person_id = Id(required=True)
    seen = Choice(Seen, required=True)
    paper = Choice(DeathPaper, required=True, allow_none=True)
    paper_on = Day(required=True, allow_none=True)
    proposed_by = Id(required=True)
    confirmed_by = Id(required=True, allow_none=True)
    email_proved_at = UtcTime(required=True, allow_none=True)


class RecoveryList(Output):
    items = List(Nested(RecoveryRead), required=True)


class Announced(Output):
    """A move to an own key that is told to the owner, and not done before `ready_at`."""

    new_address = Address(required=True)
    asked_at = UtcTime(required=True)
    ready_at = UtcTime(required=True)


class OwnWallet(Output):
    """A person's own: what holds it still, what officers are about to do, and what is to go under
    another key."""

    blocks = List(Nested(BlockOut), required=True)
    recoveries = List(Nested(RecoveryOut), required=True)
    announced = List(Nested(Announced), required=True)


class NewVote(Input):
    in_favour = Flag(required=True)


class DomainOut(Output):
    """The EIP-712 domain of one contract."""

    name = Text(required=True)
    version = Text(required=True)
    chain_id = WholeNumber(required=True)
    contract = Address(required=True)
    salt = Hash32(required=True)


class OwnAccount(Output):
    """`programme`: as the chain names it. `on_its_way_cents`: to the account that follows."""

    programme_id = Id(required=True)
    programme = Hash32(required=True)
    programme_name = Text(required=True)
    address = Address(required=True)
    wallet = Choice(WalletKind, required=True)
    available_cents = Cents(low=0, required=True)
    held_cents = Cents(low=0, required=True)
    on_its_way_cents = Cents(low=0, required=True)
    moving = Flag(required=True)
    announced = Nested(Announced, required=True, allow_none=True)


class OwnAccounts(Output):
    """What a person's device needs to sign: moves name `recovery`, payment orders `desk`."""

    recovery = Nested(DomainOut, required=True)
    desk = Nested(DomainOut, required=True)
    items = List(Nested(OwnAccount), required=True)


class NewWalletAddress(Output):
    address = Address(required=True)


class NewMove(Input):
    """One account's. Both signatures are over the EIP-712 digest of Move; see SignedMove."""

    programme_id = Id(required=True)
    sender = Address(required=True)
    receiver = Address(required=True)
    amount_cents = Cents(low=0, required=True)
    nonce = Hash32(required=True)
    receiver_signature = Signature(load_default=None, allow_none=True)
    owner_signature = Signature(load_default=None, allow_none=True)


class NewMoves(Input):
    """`wallet`: who holds the keys of the accounts that are entered. `passkey`: what a passkey
    answered to the SHA-256 of `civis.moves.v1` and the digests of these moves, in their order."""

    wallet = Choice([one.value for one in WalletKind], required=True)
    moves = List(Nested(NewMove), required=True)
    passkey = Credential(load_default=None, allow_none=True)


class MoveOut(Output):
    """`ready_at`: when one that is announced may move; its id and amount are known then."""

    id = Hash32(required=True, allow_none=True)
    new_address = Address(required=True)
    wallet = Choice(WalletKind, required=True)
    amount_cents = Cents(low=0, required=True, allow_none=True)
    asked_at = UtcTime(required=True)
    ready_at = UtcTime(required=True, allow_none=True)
    done_at = UtcTime(required=True, allow_none=True)


class MoveList(Output):
    items = List(Nested(MoveOut), required=True)
