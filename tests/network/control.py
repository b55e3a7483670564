"""Hands on a running network: nodes killed and kept down, cut apart, set back; what each says."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.embedded.rpc import RpcError
from app.network.ipc import ask
from app.network.members import Member, Network
from tests.support.processes import alive

PATIENCE = 120.0


class FaultFailedError(Exception):
    """The network or the system did not do what it should."""


@dataclass(frozen=True)
class Control:
    """`members` by name."""

    home: Path
    members: dict[str, Member]

    @classmethod
    def of(cls, home: Path) -> Control:
        members = Network.of(home).members(home)
        return cls(home, {member.name: member for member in members})

    def ask(self, name: str, method: str, *params: Any) -> Any:
        return ask(self.members[name].socket, method, *params)

    def address(self, name: str) -> str:
        """Lower case, as the node tells it."""
        return str(self.members[name].address).lower()

    def pid(self, name: str) -> int:
        return int((self.home / "run" / f"{name}.pid").read_text(encoding="ascii"))

    def end(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Returns when it is gone."""
        pid = self.pid(name)
        os.kill(pid, number)
        wait(f"the end of {name}", lambda: not alive(pid))

    @contextmanager
    def nobody_comes_back(self) -> Iterator[None]:
        """Within, what is killed stays down; then the supervisor starts it again."""
        status = Path(f"/proc/{self.pid('postgres')}/status").read_text(encoding="ascii")
        found = re.search(r"PPid:\s+(\d+)", status)
        if found is None:
            raise FaultFailedError("nobody supervises the network")
        supervisor = int(found[1])
        os.kill(supervisor, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(supervisor, signal.SIGCONT)

    def head(self, name: str) -> int:
        """Raises OSError, RpcError when it isn't there."""
        return int(self.ask(name, "eth_blockNumber"), 16)

    def hash(self, name: str, number: int) -> str | None:
        found = self.ask(name, "eth_getBlockByNumber", hex(number), False)
        return found and str(found["hash"])

    def signers(self, name: str = "validator-1") -> list[str]:
        return list(self.ask(name, "clique_getSigners"))

    def await_blocks(self, name: str, count: int) -> None:
        begun = self.head(name)
        wait(f"{count} blocks of {name}", lambda: self.head(name) >= begun + count)

    def agree(self, names: Sequence[str]) -> bool:
        """Whether they have one chain, as far as the shortest goes, and none is far behind."""
        heads = [self.head(name) for name in names]
        lowest = min(heads)
        same = {self.hash(name, lowest) for name in names}
        return max(heads) - lowest <= 3 and len(same) == 1 and None not in same

    def await_agreement(self, names: Sequence[str], patience: float = PATIENCE) -> None:
        wait(f"one chain of {', '.join(names)}", lambda: self.agree(names), patience)

    def cut(self, left: Sequence[str], right: Sequence[str]) -> None:
        """No connection between the two: a dial under way when it was told can still come through,
        so all are told until none is left."""
        quiet = 0
        ends = time.monotonic() + PATIENCE
        while quiet < 10:
            quiet = 0 if self._connected(left, right) else quiet + 1
            if quiet == 0:
                self._between(left, right, "admin_removePeer")
            if time.monotonic() > ends:
                raise FaultFailedError("the two sides keep finding each other")
            time.sleep(0.2)

    def heal(self, left: Sequence[str], right: Sequence[str]) -> None:
        self._between(left, right, "admin_addPeer")

    def _connected(self, left: Sequence[str], right: Sequence[str]) -> bool:
        others = {self.members[name].node_id for name in right}
        return any(
            other in peer["enode"]
            for name in left
            for peer in self.ask(name, "admin_peers")
            for other in others
        )

    def _between(self, left: Sequence[str], right: Sequence[str], method: str) -> None:
        for one in left:
            for other in right:
                self.ask(one, method, self._enode(other))
                self.ask(other, method, self._enode(one))

    def _enode(self, name: str) -> str:
        node = self.ask(name, "admin_nodeInfo")
        port = node["ports"]["listener"]
        return f"enode://{self.members[name].node_id}@127.0.0.1:{port}?discport=0"


def wait(what: str, done: Callable[[], bool], patience: float = PATIENCE) -> float:
    """How long it took. A node that isn't there has not done it. Raises FaultFailedError."""
    begun = time.monotonic()
    while True:
        with suppress(OSError, RpcError):
            if done():
                return time.monotonic() - begun
        if time.monotonic() - begun > patience:
            raise FaultFailedError(f"{what} did not come within {patience:.0f} s")
        time.sleep(0.1)
