"""A question over a node's own socket."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from threading import Thread

import pytest

from app.embedded.rpc import RpcError
from app.network.ipc import ask
from app.network.no_price import SETTLING, Teller


def serve(path: Path, pieces: list[bytes], heard: list[bytes] | None = None) -> None:
    """A node that answers each question alike, in pieces, and keeps the connection open."""
    questions = [] if heard is None else heard
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()

    def answer() -> None:
        while True:
            connection, _ = listening.accept()
            with connection:
                questions.append(connection.recv(65_536))
                for piece in pieces:
                    connection.sendall(piece)
                connection.recv(1)  # until the other side has enough

    Thread(target=answer, daemon=True).start()


def test_an_answer_may_come_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "node.ipc"
    serve(path, [b'{"id":1,"res', b'ult":["0xab"]}\n'])
    assert ask(path, "clique_getSigners") == ["0xab"]


def test_a_refusal_and_an_absence_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "node.ipc"
    serve(path, [b'{"id":1,"error":{"code":-32601,"message":"no such method"}}'])
    with pytest.raises(RpcError, match="no such method"):
        ask(path, "clique_propose")
    with pytest.raises(OSError, match="No such file"):
        ask(tmp_path / "nobody.ipc", "clique_propose")


def test_every_node_that_is_there_is_told_the_price_of_nothing(tmp_path: Path) -> None:
    heard: list[bytes] = []
    nodes = [tmp_path / f"{name}.ipc" for name in ("first", "absent", "last")]
    for node in (nodes[0], nodes[2]):
        serve(node, [b'{"id":1,"result":true}'], heard)
    Teller(nodes).tell()
    questions = [json.loads(question) for question in heard]
    assert [(q["method"], q["params"]) for q in questions] == [("miner_setGasPrice", ["0x0"])] * 2


def test_a_node_is_told_again_when_it_started_anew_and_not_for_ever(tmp_path: Path) -> None:
    heard: list[bytes] = []
    now, path = [0.0], tmp_path / "node.ipc"
    teller = Teller([path], lambda: now[0])
    serve(path, [b'{"id":1,"result":true}'], heard)
    for seconds, told in ((0.0, 1), (SETTLING - 1, 2), (SETTLING + 1, 2)):
        now[0] = seconds
        teller.tell()
        assert len(heard) == told
    path.unlink()
    serve(path, [b'{"id":1,"result":true}'], heard)
    teller.tell()
    assert len(heard) == 3
