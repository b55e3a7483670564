"""The simulated city's one device: a compost scale at the market.

Its key lies in a file of this home, so the system holds it; the device's page and the figures say
so. What it sends takes the way of every device: code, signed statement, checks, ceiling.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, time
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.attestation import Signed
from app.actions.devices import NewDevice, confirm_device, enter_device
from app.actions.measurement import Sent, Shown
from app.actions.models import Action, Device
from app.chain import typed
from app.demo.city import SEED, PlannedDeed
from app.demo.world import World
from app.identity.models import KeyCustody
from app.identity.presence import code_at, presence_secret
from app.keyfiles import ensure_key
from app.rewards.valuing.device_deeds import measure, use_today

SITE = "market-compost"
NAME = "Balance à compost (simulée)"
TYPE = "food-waste-compost"
KEY_FILE = "simulated-scale.key"
WEIGHED = 0.8  # the share that people put on the scale; the rest they show the clerk


def register_scale(world: World) -> None:
    """Entered by the site's administrator, confirmed by an officer."""
    with world.parts.database.transaction() as session:
        if find_scale(session, world) is not None:
            return
        since = datetime.combine(world.programme(session).first_day, time(), UTC)
        address = typed.address_of(_key(world))
        entered = enter_device(
            session,
            NewDevice(NAME, address, [TYPE], custody=KeyCustody.SERVER),
            organisation=world.organisation(session, SITE),
            catalogue=world.catalogue,
            by=world.person(session, f"admin-{SITE}"),
            now=since,
        )
        confirm_device(session, entered.id, by=world.person(session, "officer"), now=since)


def find_scale(session: Session, world: World) -> Device | None:
    address = typed.address_of(_key(world))
    return session.scalars(select(Device).where(col(Device.key_address) == address)).one_or_none()


def is_weighed(planned: PlannedDeed) -> bool:
    """Whether the plan has this deed put on the scale."""
    if (planned.attester, planned.action_type) != (SITE, TYPE):
        return False
    return Random(f"{SEED}:scale:{planned}").random() < WEIGHED  # noqa: S311 - a simulation


@dataclass(frozen=True)
class Scale:
    """The device at work."""

    world: World

    def has_room(self, session: Session, now: datetime) -> bool:
        """The simulation keeps below the ceiling: a city that alarms by itself teaches nothing."""
        device = find_scale(session, self.world)
        if device is None:
            return False
        return use_today(session, [device], now)[device.id].actions < device.actions_per_day

    def weigh(
        self, session: Session, planned: PlannedDeed, person_id: UUID, programme: bytes
    ) -> Action:
        """Somebody shows their code and puts their bucket down. Raises Problem."""
        device = find_scale(session, self.world)
        if device is None:
            raise LookupError("the simulated scale is not registered")
        mine = presence_secret(session, person_id, planned.at)
        code = code_at(mine.secret, planned.at)
        shown = Shown(mine.short_number, code, secrets.token_bytes(32))
        return measure(
            session,
            Sent(self._signed(device, planned, programme, shown), shown, confirmed_unusual=True),
            device=device,
            domain=self.world.domain,
            wallets=self.world.parts.signer,
            now=planned.at,
        )

    def _signed(
        self, device: Device, planned: PlannedDeed, programme: bytes, shown: Shown
    ) -> Signed[typed.Attestation]:
        entry = self.world.catalogue.action_type(planned.action_type)
        struct = typed.Attestation(
            programme_id=programme,
            attester=device.key_address,
            subject=shown.subject(),
            action_type_id=entry.number,
            action_type_version=entry.version,
            quantity=planned.quantity,
            deed_at=int(planned.at.timestamp()),
            nonce=secrets.token_bytes(32),
        )
        digest = typed.attestation_digest(self.world.domain, struct)
        return Signed(struct, typed.sign(digest, _key(self.world)))


def _key(world: World) -> bytes:
    return base64.urlsafe_b64decode(ensure_key(world.parts.settings.home, KEY_FILE) + "=")
