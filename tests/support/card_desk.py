"""A world with an active card that has an account, a till and an officer, beside a signer."""

from __future__ import annotations

from dataclasses import dataclass

from app.chain import typed
from app.chain.signer import SignerClient
from app.identity import service as identity
from app.identity.models import Account, Role
from app.services import Services
from tests.support.cards import PIN, Held, printed, signed_in, till_of
from tests.support.signer_world import World, make_world


@dataclass
class Desk:
    """A world with an active card that has an account, a till and an officer."""

    world: World
    card: Held
    account: Account
    till: str
    officer: str

    def order(self, **changes: object) -> typed.Order:
        return self.world.order(payer=self.account.address, **changes)

    def charge(self, order: typed.Order, **changes: str) -> bytes:
        said = {"number": self.card.number, "pin": PIN, "till": self.till} | changes
        till = self.world.signer.for_session(said.pop("till"))
        return till.sign_card_order(order, **said)

    def set_pin(self, pin: str = PIN) -> None:
        self.world.signer.for_session(self.officer).set_pin(self.card.number, pin)


def card_desk(services: Services, signer: SignerClient) -> Desk:
    world = make_world(services, signer)
    [card] = printed(services, signer)
    with services.database.transaction() as session:
        account = identity.account_for(
            session, card.person_id, world.programme.id, signer=signer, now=world.now()
        )
    officer, till = signed_in(services, Role.OFFICER), till_of(services, world.shop)
    made = Desk(world, card, account, till, officer)
    made.set_pin()
    return made
