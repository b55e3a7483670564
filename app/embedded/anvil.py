"""The embedded node: Anvil without accounts, gas at no price, no block but those of `blocks`.

Anvil writes its own dumps in place, so a kill can tear one. Here it writes none: `blocks` stores
the chain after each block, whole or not at all, and each start loads what was stored last.
"""

from __future__ import annotations

import gzip
import json
import os
import secrets
import shutil
import time
from pathlib import Path

from app.embedded.errors import EmbeddedError
from app.embedded.ports import LOOPBACK, free_port
from app.embedded.rpc import node_answers
from app.embedded.supervisor import Part
from app.keyfiles import write_private

CONTRACTS = Path(__file__).parents[2] / "contracts"
STATES_IN_MEMORY = 64  # how many blocks back a call or proof can look; each state is a copy


class Anvil:
    """One chain under home/chain, of an id drawn at the first start and kept."""

    def __init__(self, home: Path, *, port: int | None = None) -> None:
        self.folder = home / "chain"
        self.port = port or free_port()
        self.chain_id, self._born = self._genesis()
        self._program = program()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def part(self) -> Part:
        """How the supervisor runs it."""
        return Part(
            name="anvil",
            command=self._command,
            ready=lambda: node_answers(self.port, self.chain_id),
            environ={"HOME": str(self.folder), "PATH": os.environ.get("PATH", "/usr/bin:/bin")},
        )

    def _command(self) -> list[str]:
        return [
            *(str(self._program), "--port", str(self.port), "--host", LOOPBACK, "--no-cors"),
            *("--chain-id", str(self.chain_id), "--timestamp", str(self._born)),
            *("--no-mining", "--quiet", "--prune-history", str(STATES_IN_MEMORY)),
            *(*OPTIONS, *self._stored()),
        ]

    def _genesis(self) -> tuple[int, int]:
        """Chain id and time of block 0, fixed at the first start.

        The id is too large for any public chain's and small enough for JavaScript's numbers.
        Anvil makes a block 0 at each start and keeps it beside the loaded one: they must be equal,
        or after two starts the wrong one is found.
        """
        file = self.folder / "genesis.json"
        if not file.exists():
            drawn = {"chain_id": 10**9 + secrets.randbelow(10**9), "timestamp": int(time.time())}
            write_private(file, json.dumps(drawn))
        genesis = json.loads(file.read_text(encoding="ascii"))
        return genesis["chain_id"], genesis["timestamp"]

    def _stored(self) -> list[str]:
        """Unpacks the stored chain for Anvil. Raises EmbeddedError when it is lost."""
        stored, plain = state_file(self.folder), self.folder / "loaded.json"
        if not stored.exists():
            if (self.folder / "deployment.json").exists():
                raise EmbeddedError(
                    f"The chain in {stored} is lost: restore {self.folder} from its backup, or "
                    f"move the whole of {self.folder.parent} away to begin anew."
                )
            return []
        try:
            with gzip.open(stored, "rb") as source, plain.open("wb") as target:
                shutil.copyfileobj(source, target)
        except (OSError, EOFError) as error:
            raise EmbeddedError(
                f"The stored chain {stored} is broken ({error}): restore it from its backup."
            ) from error
        return ["--load-state", str(plain)]


# Our keys hold no ether, so nothing costs any; nobody else's key is known to the node.
OPTIONS = (
    *("--accounts", "0", "--gas-price", "0", "--block-base-fee-per-gas", "0"),
    *("--disable-min-priority-fee", "--hardfork", "cancun", "--order", "fifo"),
)


def state_file(folder: Path) -> Path:
    """Where the chain is stored, gzipped, by `blocks`."""
    return folder / "state.json.gz"


def program(contracts: Path = CONTRACTS) -> Path:
    """Anvil itself; its npm wrapper would leave it running. Raises EmbeddedError if missing."""
    found = sorted((contracts / "node_modules/@foundry-rs").glob("anvil-linux-*/bin/anvil"))
    if not found:
        raise EmbeddedError(f"Anvil is missing in {contracts}: run `make setup`.")
    return found[0]
