"""What pages need of other processes: the signer on behalf of this browser, and who signs what."""

from __future__ import annotations

import json
from io import BytesIO
from types import SimpleNamespace
from uuid import UUID

import segno
from eth_utils.address import is_hex_address

from app.chain import typed
from app.chain.session_signer import SessionSigner
from app.context import db_session, now, services
from app.errors import Problem
from app.identity.accounts import accounts_of
from app.identity.blocks import block_of
from app.identity.cards.demo import DEMO_CARDS, DEMO_PIN
from app.identity.cards.models import CardState
from app.identity.cards.numbers import in_groups
from app.identity.cards.service import card_of_number
from app.merchants.signing import Desk
from app.merchants.wiring import desk_of
from app.recovery import announcing, cases, own_accounts
from app.recovery.models import RecoveryKind
from app.rewards.money.ledger import owned
from app.security import principal, session_token
from app.web.telling import recovery_words

__all__ = ["attesters_domain", "available_of", "desk", "signer"]


def signer() -> SessionSigner:
    """The signer process, for whoever this browser's session belongs to."""
    return services().signer.for_session(session_token())


def desk() -> Desk:
    """The contract that executes orders, and the signer for this browser's session."""
    return desk_of(services(), session_token())


def attesters_domain() -> typed.Domain:
    """What attestations and certificates name. Raises Problem try-again before deployment."""
    try:
        stored = json.loads(services().settings.deployment_file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise Problem("try-again") from error
    salt = bytes.fromhex(str(stored["genesis_hash"]).removeprefix("0x"))
    return typed.Domain(typed.ATTESTERS, int(stored["chain_id"]), str(stored["attesters"]), salt)


def demo_card() -> SimpleNamespace | None:
    """In the demo, the card in the hand of whoever stands before a counter or till."""
    live = demo_cards(CardState.ACTIVE)
    own = in_groups(DEMO_CARDS[0])  # whose PIN is known; the others' was chosen by a visitor
    return SimpleNamespace(number=own, pin=DEMO_PIN) if own in live else None


def demo_cards(state: CardState) -> list[str]:
    """In the demo, the numbers of its cards that are in this state now."""
    if not services().settings.demo:
        return []
    held = [(number, card_of_number(db_session(), number)) for number in DEMO_CARDS]
    return [in_groups(number) for number, card in held if card and card.state is state]


def available_of(person_id: UUID) -> int:
    """A person's balance over all programmes, in cents, that on its way to another account of
    theirs too."""
    session = db_session()
    return sum(
        owned(session, account.address, account.programme_id)
        for account in accounts_of(session, person_id)
    )


def own_keys(person_id: UUID) -> list[dict[str, str]]:
    """Accounts whose keys the person keeps: a page looks whether this browser has them. None while
    somebody acts for them, whose browser has no such key."""
    if principal().acting is not None:
        return []
    return [
        {"programme": "0x" + programme.hex(), "address": address}
        for programme, address in own_accounts.kept(db_session(), person_id)
    ]


def to_another_key(person_id: UUID) -> str:
    """From when on what was announced may move, for its owner; nothing while somebody acts."""
    if principal().acting is not None:
        return ""
    return recovery_words.announced(announcing.announced(db_session(), person_id, now()))


def standing_still(person_id: UUID) -> SimpleNamespace:
    """Why nothing is paid from their wallet, and which case closes the account if one does; for its
    owner only, who can stop that."""
    at = now()
    block = block_of(db_session(), person_id, at)
    if block is None or principal().acting is not None:
        return SimpleNamespace(blocked="", closing=None)
    closing = [
        one.id
        for one in cases.open_cases(db_session(), at, person_id)
        if one.kind is RecoveryKind.DEATH and recovery_words.may_object(one)
    ]
    return SimpleNamespace(
        blocked=recovery_words.blocked(block), closing=closing[0] if closing else None
    )


def typed_address(text: str) -> str:
    """A checksummed address out of a form. Raises Problem address-not-understood."""
    if not is_hex_address(text):
        raise Problem("address-not-understood", field="address")
    return typed.checksum(text)


def qr_svg(content: str) -> str:
    """An SVG without size or style of its own, so that the page's content policy holds."""
    out = BytesIO()
    segno.make(content, error="m").save(out, kind="svg", xmldecl=False, omitsize=True, nl=False)
    return out.getvalue().decode("utf-8")
