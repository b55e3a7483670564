"""The demo's worst moments: the database killed after an answer, the node standing still."""

from __future__ import annotations

import os
import signal
import time
from uuid import UUID

import httpx
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from app.db import uuid7
from app.demo.spending import Purchase, pay
from app.demo.trials import must
from app.demo.world import World
from app.errors import Problem
from app.merchants.models import Payment, PaymentState
from app.outbox.models import ChainTransaction
from app.reporting.gateway import NOT_PUBLIC

PATIENCE = 60.0
QUICK = 5.0  # seconds within which a payment is accepted while the chain stands still


def accepted_is_durable(world: World) -> str:
    """The bakery's request is answered 201; the database is killed in that instant."""
    with world.parts.database.session() as session:
        baker = world.person(session, "baker")
    token = world.token(baker)
    answer = httpx.post(
        f"http://127.0.0.1:{world.parts.settings.port}/api/v1/payments",
        json={"amount_cents": 120, "label": "durable"},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid7())},
        timeout=30,
        trust_env=False,
    )
    _kill(world, "postgres")
    must(answer.status_code == httpx.codes.CREATED, f"the till was answered {answer.text}")
    payment_id = UUID(answer.json()["id"])
    must(_found_again(world, payment_id), "an accepted request is gone")
    return "PostgreSQL was killed right after a 201; the request was there when it came back"


def _found_again(world: World, payment_id: UUID) -> bool:
    """Asks the database that came back: old connections lead to orphans of the killed one."""
    world.parts.database.dispose()
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with world.parts.database.session() as session:
                return session.get(Payment, payment_id) is not None
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def without_chain(world: World) -> str:
    """The node stands still; a payment is accepted all the same, and settles afterwards."""
    nodes = _nodes(world)
    for node in nodes:
        os.kill(node, signal.SIGSTOP)
    try:
        began = time.monotonic()
        payment_id = _pay_something(world)
        took = time.monotonic() - began
    finally:
        for node in nodes:
            os.kill(node, signal.SIGCONT)
    must(took < QUICK, f"a payment waited {took:.1f} s while the chain stood still")
    world.wait(
        "settling what was paid without the chain",
        lambda session: session.get_one(Payment, payment_id).state is PaymentState.SETTLED,
    )
    return (
        f"with the node stopped a payment was accepted in {took * 1000:.0f} ms; it settled by "
        "itself once the node went on"
    )


def _pay_something(world: World) -> UUID:
    """The first simulated citizen who can pays 5 cents at the bakery."""
    for citizen in world.city.citizens[1:]:
        with world.parts.database.session() as session:
            person = world.person(session, citizen.local)
        try:
            return pay(world, Purchase(person, 5, None))
        except Problem:
            continue
    raise LookupError("nobody can pay")


def gateway_refuses(world: World) -> bool:
    """Whether the public gateway keeps a transaction, which names accounts, to itself.

    The node gives the very same one, so there is something to keep.
    """
    with world.parts.database.session() as session:
        newest = select(col(ChainTransaction.hash)).where(
            col(ChainTransaction.kind) == "commit_batch"
        )
        sent = session.scalar(newest.limit(1)) or b""
    asked = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "eth_getTransactionByHash",
        "params": ["0x" + sent.hex()],
    }
    settings = world.parts.settings
    nodes = settings.chain_rpc_urls[0], f"http://127.0.0.1:{settings.gateway_port}"
    known, kept = (
        httpx.post(node, json=asked, timeout=10, trust_env=False).json() for node in nodes
    )
    gives = (known.get("result") or {}).get("hash") == "0x" + sent.hex()
    return gives and kept.get("error", {}).get("code") == NOT_PUBLIC


def _kill(world: World, part: str) -> None:
    os.kill(_pid(world, part), signal.SIGKILL)


def _nodes(world: World) -> list[int]:
    """Those that answer us: the embedded one, or a network's."""
    names = sorted(path.stem for path in (world.parts.settings.home / "run").glob("*.pid"))
    return [_pid(world, name) for name in names if name == "anvil" or name.startswith("rpc-")]


def _pid(world: World, part: str) -> int:
    path = world.parts.settings.home / "run" / f"{part}.pid"
    return int(path.read_text(encoding="ascii"))
