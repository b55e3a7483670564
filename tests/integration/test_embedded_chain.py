"""The embedded chain survives what kills its node, and is usable by keys without ether."""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account

from app.chain_descriptor import EMBEDDED_CHAIN
from app.embedded.anvil import Anvil, state_file
from app.embedded.blocks import EMPTY_BLOCKS, IDLE_SECONDS, Maker, move_clock, stored_height
from app.embedded.errors import EmbeddedError
from app.embedded.supervisor import Supervisor
from tests.support.anvil import Node, stored_chain
from tests.support.processes import eventually

POOR = Account.from_key("0x" + "11" * 32)  # nobody ever gave it anything
DAY = 86_400


def send(node: Node, nonce: int) -> str:
    signed = POOR.sign_transaction(
        {
            "type": 2,
            "chainId": node.chain_id,
            "nonce": nonce,
            "gas": 100_000,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
            "to": "0x" + "22" * 20,
            "value": 0,
            "data": b"\x01" * 500,
        }
    )
    return str(node.rpc("eth_sendRawTransaction", signed.raw_transaction.to_0x_hex()))


def block(node: Node, number: str = "latest") -> dict[str, Any]:
    found: dict[str, Any] = node.rpc("eth_getBlockByNumber", number, False)
    return found


def height(node: Node) -> int:
    return int(block(node)["number"], 16)


def is_final(node: Node, transaction: str) -> bool:
    receipt = node.rpc("eth_getTransactionReceipt", transaction)
    if receipt is None:
        return False
    return height(node) - int(receipt["blockNumber"], 16) >= EMBEDDED_CHAIN.finality_depth


@pytest.mark.kill
def test_what_was_final_outlives_a_killed_node_and_the_rest_can_be_sent_again(
    tmp_path: Path,
) -> None:
    with stored_chain(tmp_path / "home") as node:
        first = send(node, 0)
        assert eventually(lambda: is_final(node, first))
        before = block(node, node.rpc("eth_getTransactionReceipt", first)["blockNumber"])
        genesis = block(node, "0x0")["hash"]
        late = send(node, 1)
        os.kill(node.supervisor.pid("anvil"), signal.SIGKILL)
        node.supervisor.stop()
    with stored_chain(tmp_path / "home") as again:
        assert again.chain_id == node.chain_id
        assert block(again, "0x0")["hash"] == genesis
        assert block(again, before["number"])["hash"] == before["hash"]
        if again.rpc("eth_getTransactionCount", POOR.address, "latest") == "0x1":
            assert send(again, 1) == late  # the same bytes, as the sender has them stored
        assert eventually(lambda: is_final(again, late))
        assert again.rpc("eth_getTransactionCount", POOR.address, "latest") == "0x2"


def test_after_several_starts_each_block_is_still_the_one_it_was(tmp_path: Path) -> None:
    seen: list[tuple[int, list[str]]] = []
    for _ in range(3):
        with stored_chain(tmp_path / "home") as node:
            known = height(node)
            assert eventually(lambda: height(node) > known)  # noqa: B023 - asked at once
            hashes = [block(node, hex(number))["hash"] for number in range(known + 1)]
            seen.append((node.chain_id, hashes))
    assert len({chain_id for chain_id, _ in seen}) == 1
    for (_, before), (_, after) in itertools.pairwise(seen):
        assert after[: len(before)] == before


@pytest.fixture
def paused(tmp_path: Path) -> Any:
    """A node without its block maker, which the test plays itself."""
    home = tmp_path / "home"
    with stored_chain(home) as node:
        os.kill(node.supervisor.pid("blocks"), signal.SIGSTOP)
        yield node, Maker(node.rpc, home / "chain"), home


def test_a_block_is_stored_before_there_is_another_on_top(
    paused: tuple[Node, Maker, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    node, maker, home = paused
    mined: list[int] = []
    rpc = maker.rpc

    def recording(_self: object, method: str, *params: Any) -> Any:
        if method == "evm_mine":
            mined.append(height(node))
            assert stored_height(home / "chain") >= mined[-1]
        return type(rpc).__call__(rpc, method, *params)

    maker.make()  # from here on every block is stored
    monkeypatch.setattr(maker, "rpc", lambda *call: recording(maker, *call))
    for nonce in range(3):
        send(node, nonce)
        maker.make()
    assert mined == list(range(mined[0], mined[0] + 3))


def test_a_dump_cut_off_in_the_middle_takes_nobodys_place(
    paused: tuple[Node, Maker, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    node, maker, home = paused
    maker.make()
    whole = state_file(home / "chain").read_bytes()

    def cut(_descriptor: int) -> None:
        raise KeyboardInterrupt  # what a kill looks like from inside

    monkeypatch.setattr("app.embedded.blocks.os.fsync", cut)
    with pytest.raises(KeyboardInterrupt):
        maker.make()
    assert height(node) > stored_height(home / "chain")
    assert state_file(home / "chain").read_bytes() == whole


def test_an_idle_chain_stands_still_once_all_is_final(paused: tuple[Node, Maker, Path]) -> None:
    node, maker, _home = paused
    send(node, 0)
    maker.make()
    for _ in range(EMPTY_BLOCKS):
        maker.made_at -= EMBEDDED_CHAIN.block_seconds
        maker.step()
    final = height(node)
    maker.made_at -= EMBEDDED_CHAIN.block_seconds
    maker.step()
    assert height(node) == final
    maker.made_at -= IDLE_SECONDS
    maker.step()
    assert height(node) == final + 1
    send(node, 1)
    maker.made_at -= EMBEDDED_CHAIN.block_seconds
    maker.step()
    assert height(node) == final + 2


def test_a_moved_clock_holds_across_restarts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with stored_chain(home) as node:
        before = int(block(node)["timestamp"], 16)
        move_clock(home, seconds=DAY)
        send(node, 0)
        assert eventually(lambda: int(block(node)["timestamp"], 16) >= before + DAY)
    with stored_chain(home) as again:
        known = height(again)
        send(again, 1)
        assert eventually(lambda: height(again) > known)
        assert before + DAY <= int(block(again)["timestamp"], 16) < before + 2 * DAY


def test_the_node_holds_no_account_and_no_page_of_elsewhere_may_ask_it(anvil: Node) -> None:
    assert anvil.rpc("eth_accounts") == []
    answer = httpx.options(
        anvil.url,
        headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"},
    )
    assert "access-control-allow-origin" not in answer.headers


def test_a_key_without_ether_is_served(anvil: Node) -> None:
    sent = send(anvil, 0)
    assert eventually(lambda: anvil.rpc("eth_getTransactionReceipt", sent) is not None)
    assert anvil.rpc("eth_getTransactionReceipt", sent)["status"] == "0x1"
    assert anvil.rpc("eth_getBalance", POOR.address, "latest") == "0x0"


@pytest.mark.parametrize("damage", ["cut", "removed"])
def test_a_lost_or_torn_chain_is_said_and_not_begun_anew(tmp_path: Path, damage: str) -> None:
    home = tmp_path / "home"
    with stored_chain(home) as node:
        assert eventually(lambda: height(node) >= 1)
        assert eventually(state_file(home / "chain").exists)
    (home / "chain" / "deployment.json").write_text("{}", encoding="ascii")
    stored = state_file(home / "chain")
    if damage == "cut":
        stored.write_bytes(stored.read_bytes()[:-20])
    else:
        stored.unlink()
    with pytest.raises(EmbeddedError, match="restore"):
        Supervisor(home).start(Anvil(home).part())
