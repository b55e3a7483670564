"""What events say is read as eth_abi reads it, and refused where it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from app.chain.contracts import words
from app.chain.contracts.artifacts import SINGLE, load_artifact
from app.chain.signatures import checksum

KINDS = ("address", "bool", "uint8", "uint32", "uint64", "uint128", "uint256", "bytes32", "bytes4")
WORDS = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.integers(0, 2**256 - 1).map(lambda value: value.to_bytes(32, "big")),
    st.integers(0, 300).map(lambda value: value.to_bytes(32, "big")),
    st.binary(min_size=20, max_size=20).map(lambda value: bytes(12) + value),
    st.binary(min_size=4, max_size=4).map(lambda value: value + bytes(28)),
)


def as_before(kind: str, value: Any) -> Any:
    if kind == "address":
        return to_checksum_address(value)
    return "0x" + value.hex() if kind.startswith("bytes") else value


@given(st.lists(st.tuples(st.sampled_from(KINDS), WORDS), max_size=5), st.binary(max_size=40))
def test_words_are_read_as_eth_abi_reads_them(parts: list[tuple[str, bytes]], more: bytes) -> None:
    kinds = [kind for kind, _ in parts]
    data = b"".join(word for _, word in parts) + more
    names = words.readers([{"name": str(at), "type": kind} for at, kind in enumerate(kinds)])
    assert names is not None
    try:
        values = decode(kinds, data)
    except (DecodingError, ValueError, OverflowError):
        with pytest.raises(ValueError, match=r"no |are not"):
            words.read(names, data)
        return
    expected = [as_before(kind, one) for kind, one in zip(kinds, values, strict=True)]
    assert list(words.read(names, data).values()) == expected


@given(st.integers(1, 5), st.integers(0, 159))
def test_what_is_cut_short_is_refused(number: int, left: int) -> None:
    names = words.readers([{"name": str(at), "type": "uint256"} for at in range(number)])
    assert names is not None
    data = bytes(32 * number)[: min(left, 32 * number - 1)]
    with pytest.raises(ValueError, match="are not"):
        words.read(names, data)


def test_what_takes_more_than_a_word_is_left_to_eth_abi() -> None:
    for kind in ("bytes", "string", "address[]", "uint128[6]", "tuple", "bytes32[2]"):
        assert words.readers([{"name": "x", "type": kind}]) is None


def test_nearly_all_of_ours_are_of_single_words() -> None:
    entries = [one for name in (*SINGLE, "ImpactToken") for one in load_artifact(name).abi]
    events = [one for one in entries if one["type"] == "event"]
    plain = [one["name"] for one in events if words.readers(one["inputs"]) is None]
    assert {"Transfer", "OrderExecuted", "BatchCommitted"}.isdisjoint(plain)
    assert len(plain) < len(events) / 4


@given(st.binary(min_size=20, max_size=20))
def test_addresses_are_checksummed_as_others_do(raw: bytes) -> None:
    expected = to_checksum_address(raw)
    for said in (raw, "0x" + raw.hex(), raw.hex(), expected):
        assert checksum(said) == expected


@pytest.mark.parametrize("said", ["", "0x", "0x12", "0x" + "g" * 40, "0x" + "a " * 20, b"short"])
def test_what_is_no_address_is_refused(said: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"address|hex"):
        checksum(said)
