"""A node whose chain is made up as it is asked: block after block with a batch of credits in it.

Headers, logs and receipts fit together as a real node's do, so the indexer believes them. By
itself: `python -m tests.support.long_chain BLOCKS CREDITS` prints the port that it listens on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from eth_abi.abi import encode

from app.chain.contracts.abi import entry_of, topic_of, type_of
from app.chain.contracts.artifacts import SINGLE, load_artifact
from app.chain.indexing.bloom import bloom_of
from app.chain.rpc.client import ChainClient
from app.chain.typed import checksum, keccak

CHAIN_ID, FIRST = 4242, 1  # in block FIRST the programme is created, in each later one a batch
GAS_OF_A_CREDIT = 7_700
KEPT = 256  # blocks
TOKEN = "0x" + "70" * 20
PROGRAMME = keccak(b"programme")
ADDRESSES = {name: checksum(f"0x{number:02x}" + "c1" * 19) for number, name in enumerate(SINGLE, 1)}
NOBODY = "0x" + "00" * 32


@lru_cache
def _event(contract: str, name: str) -> Any:
    return entry_of(load_artifact(contract).abi, "event", name)


def log(address: str, contract: str, name: str, arguments: Sequence[Any]) -> dict[str, Any]:
    """Address, topics and data of an event, its arguments in the contract's order."""
    entry = _event(contract, name)
    pairs = list(zip(entry["inputs"], arguments, strict=True))
    topics = [
        "0x" + encode([type_of(part)], [value]).hex() for part, value in pairs if part["indexed"]
    ]
    plain = [(type_of(part), value) for part, value in pairs if not part["indexed"]]
    data = "0x" + encode([kind for kind, _ in plain], [value for _, value in plain]).hex()
    return {"address": address.lower(), "topics": [topic_of(entry), *topics], "data": data}


@lru_cache(4096)
def _credit(person: int) -> dict[str, Any]:
    to = "0x" + keccak(b"%d" % person)[:20].hex()
    return log(TOKEN, "ImpactToken", "Transfer", ["0x" + "00" * 20, to, 100])


def block_hash(number: int) -> str:
    """With the number in it, so that a block is found by its hash."""
    return f"0x{max(number, 0):016x}" + keccak(b"block %d" % number)[8:].hex()


@dataclass(frozen=True)
class LongChain:
    """`blocks` of them, each with so many credits and their batch; twice as many people in turn."""

    blocks: int
    credits: int

    @cached_property
    def address(self) -> str:
        return ADDRESSES["ActionRegistry"]

    def logs(self, number: int) -> list[dict[str, Any]]:
        """As a receipt has them; those of late are kept, so that asking twice costs nothing."""
        return _logs(self, number)

    def made(self, number: int) -> list[dict[str, Any]]:
        if number < FIRST or number > self.blocks:
            return []
        place = {"blockNumber": hex(number), "blockHash": block_hash(number)}
        place |= {"transactionHash": "0x" + keccak(b"sent %d" % number).hex()}
        found = (
            [self._created()] if number == FIRST else [*self._credits(number), self._batch(number)]
        )
        return [one | place | {"logIndex": hex(index)} for index, one in enumerate(found)]

    def _created(self) -> dict[str, Any]:
        made = [PROGRAMME, TOKEN, 0, 0, "0x" + "00" * 20]
        return log(ADDRESSES["Programmes"], "Programmes", "ProgrammeCreated", made)

    def _credits(self, number: int) -> list[dict[str, Any]]:
        start = number * self.credits
        return [_credit((start + one) % (2 * self.credits)) for one in range(self.credits)]

    def _batch(self, number: int) -> dict[str, Any]:
        batch, sequence = keccak(b"batch %d" % number), number - FIRST - 1
        total = self.credits
        said = [batch, PROGRAMME, sequence, batch, total, 100 * total, total]
        return log(self.address, "ActionRegistry", "BatchCommitted", said)

    def block(self, number: int) -> dict[str, Any] | None:
        return _header(self, number) if number <= self.blocks else None

    def header(self, number: int) -> dict[str, Any]:
        logs = self.logs(number)
        named = (bytes.fromhex(one[2:]) for row in logs for one in (row["address"], *row["topics"]))
        return {
            "number": hex(number),
            "hash": block_hash(number),
            "parentHash": block_hash(number - 1),
            "timestamp": hex(1_800_000_000 + number),
            "gasLimit": hex(30_000_000),
            "gasUsed": hex(GAS_OF_A_CREDIT * len(logs)),
            "logsBloom": "0x" + bloom_of(named).hex(),
            "transactions": [row["transactionHash"] for row in logs[:1]],
        }

    def receipts(self, number: int) -> list[dict[str, Any]]:
        logs = self.logs(number)
        place = {"blockNumber": hex(number), "blockHash": block_hash(number)}
        return [{**place, "status": "0x1", "gasUsed": "0x5208", "logs": logs}] if logs else []

    def found(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        numbers: Sequence[int] = range(int(wanted.get("fromBlock", "0x0"), 16),
                                       int(wanted.get("toBlock", "-0x1"), 16) + 1)  # fmt: skip
        if "blockHash" in wanted:
            numbers = [int(wanted["blockHash"][2:18], 16)]
        places = {one.lower() for one in wanted["address"]}
        topics = [one.lower() for one in wanted.get("topics", ())]
        return [
            one
            for number in numbers
            for one in self.logs(number)
            if one["address"] in places and one["topics"][: len(topics)] == topics
        ]

    def say(self, method: str, parameters: list[Any]) -> Any:
        if method == "eth_chainId":
            return hex(CHAIN_ID)
        if method == "eth_getLogs":
            return self.found(parameters[0])
        named = parameters[0]
        number = self.blocks if named == "latest" else int(named, 16)
        return self.block(number) if method == "eth_getBlockByNumber" else self.receipts(number)


@lru_cache(KEPT)
def _logs(chain: LongChain, number: int) -> list[dict[str, Any]]:
    return chain.made(number)


@lru_cache(KEPT)
def _header(chain: LongChain, number: int) -> dict[str, Any]:
    return chain.header(number)


@contextmanager
def long_chain(blocks: int, credited: int) -> Iterator[str]:
    """A URL; the process ends with the block."""
    command = [sys.executable, "-m", "tests.support.long_chain", str(blocks), str(credited)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as node:
        try:
            yield f"http://127.0.0.1:{int(node.stdout.readline() if node.stdout else '')}"
        finally:
            node.terminate()


def client_of(url: str) -> ChainClient:
    genesis = bytes.fromhex(block_hash(0)[2:])
    return ChainClient([url], chain_id=CHAIN_ID, genesis_hash=genesis, timeout=120)


def main(blocks: int, credited: int) -> None:
    chain = LongChain(blocks, credited)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            many = asked if isinstance(asked, list) else [asked]
            told = [
                {
                    "jsonrpc": "2.0",
                    "id": one["id"],
                    "result": chain.say(one["method"], one["params"]),
                }
                for one in many
            ]
            body = json.dumps(told if many is asked else told[0]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
