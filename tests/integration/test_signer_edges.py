"""What else the signer signs and refuses, and what becomes of it when it is killed."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.chain import typed
from app.chain.deploying.role_keys import ACCEPTOR, role_addresses
from app.chain.signer import SignerClient
from app.chain.signer_protocol import receive, short_path, socket_path
from app.config import Settings
from app.services import Services
from tests.support.signer import (
    running_signer,
    write_deployment,
)
from tests.support.signer_world import DESK, World, code, make_world


@pytest.fixture(scope="module")
def signer(settings: Settings) -> Iterator[SignerClient]:
    write_deployment(settings)
    with running_signer(settings) as client:
        yield client


@pytest.fixture
def world(services: Services, signer: SignerClient) -> World:
    return make_world(services, signer)


@pytest.mark.parametrize("table", ["wallet_key", "signed_order"])
def test_the_webs_database_role_reads_nothing_of_the_signers(world: World, table: str) -> None:
    for statement in (f"select * from signer.{table}", f"delete from signer.{table}"):
        with (
            world.services.database.session() as session,
            pytest.raises(ProgrammingError, match="permission denied"),
        ):
            session.execute(text(statement))


def test_the_acceptors_signature_is_over_the_acceptance(world: World) -> None:
    order_id = typed.order_digest(DESK, world.order())
    signature = world.signer.countersign(order_id)
    acceptor = role_addresses(world.services.settings.home)[ACCEPTOR]
    assert typed.recover(typed.acceptance_digest(DESK, order_id), signature) == acceptor
    assert code(lambda: world.signer.countersign(b"short")) == "signer-request-invalid"


def test_rubbish_ends_neither_the_signer_nor_other_connections(world: World) -> None:
    path = socket_path(world.services.settings.home)
    assert path.stat().st_mode & 0o777 == 0o600
    for raw in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x03abc", b"\x00\x00\x00\x02[]", b"\x00"):
        with socket.socket(socket.AF_UNIX) as channel, short_path(path) as name:
            channel.connect(name)
            channel.sendall(raw)
            channel.shutdown(socket.SHUT_WR)
            with pytest.raises(ConnectionError):
                receive(channel)
    assert world.signer.ping()


def test_unknown_operations_and_members_are_refused(world: World) -> None:
    for operation, arguments in (("give_me_the_key", {}), ("address_of", {"role": "nobody"})):
        refusal = code(lambda: world.signer.ask(operation, **arguments))  # noqa: B023
        assert refusal in {"signer-request-invalid", "signer-call-refused"}
    assert code(lambda: world.signer.ask("new_account", extra=1)) == "signer-request-invalid"
