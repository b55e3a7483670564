"""A city that lives on after its backup, and loses its database."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app.backup.matching import Report
from app.chain.contracts.codec import decode_answer, encode_call
from app.identity.block_models import BlockChannel
from app.identity.models import Role
from app.identity.roles import end_role, grant_role
from app.merchants.bank_files import make_bank_file
from app.merchants.models import PayOut
from app.merchants.pay_outs import close_due_periods
from app.merchants.registration import confirm_bank_details, propose_bank_details
from app.privacy import consents
from app.recovery.blocks import block_wallet
from app.rewards.models import Batch, BatchState
from app.rewards.money import ledger
from app.rights.erasing import erase_again
from tests.support.postgres import Cluster
from tests.support.restoring import backed_up, restored
from tests.support.season import ONE, OTHER, Season
from tests.support.sold import CITY_ACCOUNT

PERIOD = "2026-W48"


@dataclass
class City:
    """`before`: what was true at the instant of the loss."""

    season: Season
    cluster: Cluster
    stack: ExitStack
    before: dict[str, Any] = field(default_factory=dict)
    report: Report | None = None

    @property
    def world(self) -> Any:
        return self.season.side.world

    def truth(self) -> dict[str, Any]:
        """What must be the same after the restore, from chain and books."""
        with self.world.services.database.session() as session:
            held = [ledger.final_balance(session, address) for _, address in self.season.people]
            shop = ledger.final_balance(session, self.season.shop.address)
            paid = session.execute(
                select(col(PayOut.reference), col(PayOut.gross_cents), col(PayOut.state))
            ).all()
            final = session.scalar(select(func.count()).where(col(Batch.state) == BatchState.FINAL))
        return {
            "held": held,
            "shop": shop,
            "paid": sorted(map(tuple, paid)),
            "batches": final,
            "minted": self.minted(),
        }

    def minted(self) -> int:
        token = self.season.programme.token_address
        answer = self.world.edge.client.read(token, encode_call("ImpactToken", "totalSupply", []))
        return int(decode_answer("ImpactToken", "totalSupply", answer))


def live(city: City, cluster: Cluster) -> None:
    """Before the backup, and after it."""
    season, world = city.season, city.world
    season.side.deeds(season.programme, season.people, "glass-recycling")
    assert season.side.publish(season.programme) is not None
    season.pay(0, 30)
    world.settle()
    with world.transaction() as (session, now):
        grant = grant_role(session, person_id=season.people[1][0].id, role=Role.OFFICER, now=now)
        consents.give_consent(session, season.people[2][0].id, "research", "operator", now)
        city.before["grant"] = grant.id
    world.deeds(season.programme, season.people)  # due, in no batch yet
    season.pay(1, 20)  # accepted, not sent yet
    copy = city.stack.enter_context(backed_up(cluster, world.services))
    _go_on(city)
    city.before |= city.truth()
    _on_its_way(city)
    city.stack.enter_context(restored(cluster, world, copy))


def _go_on(city: City) -> None:
    """An hour that the backup doesn't know."""
    season, world = city.season, city.world
    _stranger(city, "registrar")
    cut = world.cut(season.programme)
    assert cut is not None
    city.before["list"] = world.folder / cut.artefact
    world.settle()
    city.before["lost"] = season.side.deeds(season.programme, season.people[:6], "bike-trip")
    assert season.side.publish(season.programme) is not None
    season.pay(2, 40)
    world.settle()
    with world.transaction() as (session, now):
        assert close_due_periods(session, period=PERIOD, cut_off=now, now=now) == 1
    world.settle()
    with world.transaction() as (session, now):
        folder = world.edge.artefacts
        make_bank_file(session, debtor=CITY_ACCOUNT, folder=folder, by=ONE, now=now)
    with world.transaction() as (session, now):
        erase_again(session, season.people[6][0].id, now)
        end_role(session, city.before["grant"], by=None, now=now)
        consents.withdraw_consent(session, season.people[2][0].id, "research", "operator", now)
        block_wallet(
            session, season.people[3][0].id, channel=BlockChannel.COUNTER, by=OTHER, now=now
        )
        shop, account = season.shop.organisation_id, CITY_ACCOUNT
        said = propose_bank_details(session, merchant_id=shop, account=account, by=ONE, now=now)
        confirm_bank_details(session, merchant_id=shop, by=OTHER, now=now, seen=said.id)
    world.settle()


def _stranger(city: City, role: str) -> None:
    """Somebody else has the key too, and uses its next nonce."""
    world = city.world
    nonce = world.edge.client.nonce(world.signer.address_of(role))
    world.edge.client.send_raw(world.sign(role, nonce=nonce, gas=21_000))
    city.before["stranger"] = (role, nonce)


def _on_its_way(city: City) -> None:
    """Signed and handed over; the database is lost before a block holds it."""
    season, world = city.season, city.world
    world.deeds(season.programme, season.people[:2])
    assert world.cut(season.programme) is not None
    assert world.send() == 1
    city.before["held"][0] += 100
    city.before["held"][1] += 100
    city.before["batches"] += 1
    city.before["minted"] += 200
