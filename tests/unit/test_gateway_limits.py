"""What a caller may ask of the gateway comes back with time, and is each caller's own."""

from __future__ import annotations

from app.reporting.gateway_limits import CALLERS, Allowance, Buckets, cost_of


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_as_much_as_comes_back() -> None:
    clock = Time()
    buckets = Buckets(Allowance(burst=10, per_second=2.0), clock)
    assert [buckets.wait("192.0.2.1", 5) for _ in range(3)] == [0, 0, 3]
    assert buckets.wait("192.0.2.2", 10) == 0, "another caller"
    clock.now = 2.0
    assert buckets.wait("192.0.2.1", 5) == 1
    clock.now = 2.5
    assert (buckets.wait("192.0.2.1", 5), buckets.wait("192.0.2.1", 1)) == (0, 1)
    clock.now = 1000.0
    assert [buckets.wait("192.0.2.1", 10), buckets.wait("192.0.2.1", 1)] == [0, 1], "no hoard"


def test_one_network_of_ipv6_is_one_caller() -> None:
    buckets = Buckets(Allowance(burst=1, per_second=1.0), Time())
    assert buckets.wait("2001:db8::1", 1) == 0
    assert buckets.wait("2001:db8::2", 1) == 1
    assert buckets.wait("2001:db8:0:1::1", 1) == 0


def test_callers_beyond_number_are_forgotten() -> None:
    buckets = Buckets(Allowance(burst=1, per_second=1.0), Time())
    for number in range(CALLERS + 1):
        assert buckets.wait(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1) == 0
    assert buckets.wait("10.0.0.1", 1) == 1, "the last ones are known"
    assert buckets.wait("10.0.0.0", 1) == 0, "the first one is not"


def test_a_search_costs_more_than_a_call() -> None:
    assert cost_of(["eth_call", "eth_getLogs", None, {}]) == 13
