"""The filter of a block's header: as nodes make it, and what it excludes."""

from __future__ import annotations

from app.chain.indexing.bloom import BYTES, bloom_of, may_hold

ADDRESS, TOPIC, OTHER = b"\x11" * 20, b"\x22" * 32, b"\x33" * 32


def test_what_it_holds_and_what_it_excludes() -> None:
    bloom = bloom_of([ADDRESS, TOPIC])
    assert len(bloom) == BYTES
    assert may_hold(bloom, (ADDRESS, TOPIC))
    assert not may_hold(bloom, (ADDRESS, OTHER))
    assert not may_hold(bytes(BYTES), (ADDRESS,))
    assert bloom_of([]) == bytes(BYTES)


def test_it_says_three_bits_of_each_value_whatever_the_order() -> None:
    assert bloom_of([TOPIC, ADDRESS]) == bloom_of([ADDRESS, TOPIC, ADDRESS])
    assert 1 <= int.from_bytes(bloom_of([OTHER])).bit_count() <= 3
