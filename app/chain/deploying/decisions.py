"""What the quorum decides and the timelock carries out: several calls, all of them or none.

A decision is a file that anybody can read: the calls in words, and a number drawn at random that
tells it from others. What members sign is derived from these alone, so a member who has read the
file knows what the signature is to.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eth_abi.abi import encode

from app.chain.contracts.abi import entry_of
from app.chain.contracts.artifacts import load_artifact
from app.chain.contracts.codec import encode_call
from app.chain.typed import keccak

NOTHING_BEFORE = bytes(32)  # the timelock may execute it without another operation before


@dataclass(frozen=True)
class Act:
    """One call; arguments in JSON form, bytes as 0x hex."""

    contract: str
    to: str
    function: str
    arguments: list[Any]

    def data(self) -> bytes:
        inputs = entry_of(load_artifact(self.contract).abi, "function", self.function)["inputs"]
        kinds = [one["type"] for one in inputs]
        values = [_value(kind, one) for kind, one in zip(kinds, self.arguments, strict=True)]
        return encode_call(self.contract, self.function, values)

    def in_words(self) -> str:
        return f"{self.contract} {self.to}: {self.function}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True)
class Decision:
    """`delay`: seconds that the timelock waits. `salt`: 32 bytes as 0x hex."""

    about: str
    chain_id: int
    quorum: str
    timelock: str
    delay: int
    salt: str
    acts: tuple[Act, ...]

    @classmethod
    def of_json(cls, text: str) -> Decision:
        """Raises ValueError, TypeError or KeyError for what is no decision."""
        stored = json.loads(text)
        return cls(**{**stored, "acts": tuple(Act(**one) for one in stored["acts"])})

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"

    def operation(self) -> list[Any]:
        """As the timelock takes it, to schedule (with the delay behind) and to execute."""
        targets = [act.to for act in self.acts]
        data = [act.data() for act in self.acts]
        return [targets, [0] * len(targets), data, NOTHING_BEFORE, self._salt]

    def asked(self) -> list[Any]:
        """As the quorum takes it."""
        call = encode_call("TimelockController", "scheduleBatch", [*self.operation(), self.delay])
        return [self.timelock, call, self._salt]

    def id(self) -> bytes:
        """Under which the members confirm it."""
        kinds = ["uint256", "address", "address", "bytes", "bytes32"]
        return keccak(encode(kinds, [self.chain_id, self.quorum, *self.asked()]))

    def operation_id(self) -> bytes:
        """Under which it stands in the timelock."""
        kinds = ["address[]", "uint256[]", "bytes[]", "bytes32", "bytes32"]
        return keccak(encode(kinds, self.operation()))

    @property
    def _salt(self) -> bytes:
        return bytes.fromhex(self.salt.removeprefix("0x"))


def new_salt() -> str:
    return "0x" + secrets.token_hex(32)


def _value(kind: str, value: Any) -> Any:
    if kind.endswith("]"):
        items: Sequence[Any] = value
        return [_value(kind.rpartition("[")[0], one) for one in items]
    return bytes.fromhex(value.removeprefix("0x")) if kind.startswith("bytes") else value
