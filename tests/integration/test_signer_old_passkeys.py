"""A passkey that the signer has known for a week, and that signed for these very moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.chain import typed
from app.chain.signer import SignerClient
from app.config import Settings
from app.identity.passkeys.models import Passkey
from app.recovery.rules import moves_challenge
from app.services import Services
from tests.integration.test_signer_moves import (
    DOMAIN,
    _as_application,
    announced,
    as_owner,
    move,
    proved,
)
from tests.support.authenticator import Device, cose
from tests.support.authenticator import text as b64
from tests.support.own_key import hexed
from tests.support.signer import running_signer, write_deployment
from tests.support.signer_world import World, code, make_world

OTHER = b"\5" * 32  # another move's digest


@pytest.fixture(scope="module")
def signer(settings: Settings) -> Iterator[SignerClient]:
    write_deployment(settings)
    with running_signer(settings, {"SIGNER_MOVE_NOTICE_SECONDS": str(10 * 86_400)}) as client:
        yield client


@pytest.fixture(scope="module")
def world(services: Services, signer: SignerClient) -> World:
    made = make_world(services, signer)
    made.token = proved(made, made.token)
    return made


@pytest.fixture
def device(world: World) -> Device:
    """Of the owner, seen by the signer just now."""
    made = Device(origin="https://civis.example")
    with world.services.database.transaction() as session:
        session.add(_passkey(world.mine.person_id, made, world.now()))
    assert world.signer.tidy_moves() == 1
    return made


def _later(world: World, days: int) -> None:
    older = "update signer.seen_passkey set seen_at = seen_at - :span"
    as_owner(world, older, span=timedelta(days=days))


def test_it_waits_for_nothing(world: World, device: Device) -> None:
    struct = move(world, amount=0)
    proof = _proof(device, [OTHER, typed.digest(DOMAIN, struct)])
    assert code(lambda: announced(world, struct, passkey=proof)) == "signer-passkey-young"
    _as_application(world, "update passkey set created_at = created_at - interval '1 year'")
    assert code(lambda: announced(world, struct, passkey=proof)) == "signer-passkey-young"
    _later(world, days=10)
    assert code(lambda: announced(world, struct, passkey=proof)) == "signer-passkey-young", (
        "no older than a move waits here"
    )
    _later(world, days=1)
    which, ready = announced(world, struct, passkey=proof)
    assert ready <= world.now()
    assert world.signer.accept_move(struct, "device", which)


def test_whatever_else_it_says_is_refused(world: World, device: Device) -> None:
    """Signed for another move, claimed for this one, by no finger, or by a key that was put in the
    place of the one that the signer saw."""
    _later(world, days=11)
    struct = move(world, amount=0)
    digest = typed.digest(DOMAIN, struct)
    proof = _proof(device, [OTHER])
    forged = Device(origin=device.origin, credential_id=device.credential_id)
    wrong = (
        proof,
        proof | {"moves": [hexed(digest)]},
        _proof(replace(device, verifies=False), [digest]),
        _proof(replace(device, origin="https://elsewhere.example"), [digest]),
        _proof(forged, [digest]),
    )
    for each in wrong:
        assert code(lambda: announced(world, struct, passkey=each)) == "passkey-refused"  # noqa: B023
    with world.services.database.transaction() as session:
        mine = col(Passkey.credential_id) == device.credential_id
        session.scalars(select(Passkey).where(mine)).one().public_key = cose(forged)
    swapped = _proof(forged, [digest])
    assert code(lambda: announced(world, struct, passkey=swapped)) == "passkey-refused"


def test_whoever_removes_one_and_adds_it_again_has_it_anew(world: World, device: Device) -> None:
    _later(world, days=11)
    struct = move(world, amount=0)
    _as_application(world, "delete from passkey")
    assert world.signer.tidy_moves() > 0
    with world.services.database.transaction() as session:
        session.add(_passkey(world.mine.person_id, device, world.now()))
    assert world.signer.tidy_moves() == 1
    proof = _proof(device, [typed.digest(DOMAIN, struct)])
    assert code(lambda: announced(world, struct, passkey=proof)) == "signer-passkey-young"


def _passkey(person: UUID, device: Device, now: datetime) -> Passkey:
    return Passkey(
        person_id=person,
        credential_id=device.credential_id,
        public_key=cose(device),
        sign_count=0,
        name_sealed=b"sealed",
        created_at=now,
    )


def _proof(device: Device, digests: list[bytes]) -> dict[str, Any]:
    options = {"challenge": b64(moves_challenge(digests)), "rpId": "civis.example"}
    return {"credential": device.get(options), "moves": [hexed(one) for one in digests]}
