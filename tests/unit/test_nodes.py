"""Which node is asked, when one fails and comes back."""

from __future__ import annotations

import pytest

from app.chain.rpc.nodes import CHECKED_EVERY, LONGEST_REST, Nodes


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def nodes(seconds: Seconds) -> Nodes:
    return Nodes(["http://a:1", "http://b:2"], seconds)


def asked(nodes: Nodes) -> list[str]:
    return [node.label for node in nodes.to_ask()]


def fail(nodes: Nodes, times: int = 1) -> None:
    node = next(nodes.to_ask())
    for _ in range(times):
        nodes.failed(node)


def test_the_one_in_use_stays_in_use(nodes: Nodes) -> None:
    fail(nodes)
    assert next(nodes.to_ask()).label == "b:2"
    assert asked(nodes) == ["b:2"], "the one that failed rests"


def test_one_that_failed_is_asked_again_after_its_rest(nodes: Nodes, seconds: Seconds) -> None:
    fail(nodes, times=20)
    seconds.now = LONGEST_REST
    assert sorted(asked(nodes)) == ["a:1", "b:2"]


def test_one_that_failed_comes_last_when_its_rest_is_over(nodes: Nodes, seconds: Seconds) -> None:
    """It may answer one kind of question and fail at another: then it never rests for long."""
    for left, next_one in (("a:1", "b:2"), ("b:2", "a:1")):
        with nodes.pinned():
            first = next(nodes.to_ask())
            nodes.answered(first)
            nodes.failed(first)
            assert first.label == left
            assert asked(nodes) == [left], "within one question it stays the one"
            assert nodes.current is first
        seconds.now += LONGEST_REST
        assert nodes.current is not first
        assert next(nodes.to_ask()).label == next_one


def test_when_all_rest_one_is_asked_all_the_same(nodes: Nodes) -> None:
    fail(nodes, times=9)
    fail(nodes)
    assert asked(nodes) == ["b:2"], "the one whose rest ends first"


def test_a_rest_grows_and_an_answer_ends_it(nodes: Nodes, seconds: Seconds) -> None:
    node = next(nodes.to_ask())
    rests = []
    for _ in range(8):
        nodes.failed(node)
        rests.append(node.again_at - seconds.now)
    assert rests[-1] > 4 * rests[0]
    assert max(rests) <= LONGEST_REST
    nodes.answered(node)
    assert node.again_at == 0


def test_within_one_question_one_node(nodes: Nodes) -> None:
    with nodes.pinned():
        assert asked(nodes) == ["a:1"]
        fail(nodes)
        assert asked(nodes) == ["a:1"]
    with nodes.pinned():
        assert asked(nodes) == ["b:2"], "the next question goes to another"


def test_one_that_lags_is_left_and_comes_last_and_may_be_used_again(nodes: Nodes) -> None:
    assert nodes.leave(["http://a:1"]) == "a:1"
    assert nodes.leave(["http://a:1"]) is None, "it is said once"
    with nodes.pinned():
        assert asked(nodes) == ["b:2"]
    assert asked(nodes) == ["b:2", "a:1"], "when no other answers, it is better than none"
    assert nodes.leave(["http://b:2"]) is None, "it isn't in use"
    with nodes.pinned():
        nodes.leave([])
        nodes.leave(["http://a:1"])
        assert asked(nodes) == ["a:1"], "within one question nothing changes"
    assert next(nodes.to_ask()).label == "b:2"


def test_who_a_node_is_is_asked_at_first_each_minute_and_after_a_failure(
    nodes: Nodes, seconds: Seconds
) -> None:
    node = next(nodes.to_ask())
    assert nodes.is_due(node)
    nodes.checked(node)
    assert not nodes.is_due(node)
    seconds.now = CHECKED_EVERY
    assert nodes.is_due(node)
    nodes.checked(node)
    nodes.failed(node)
    assert nodes.is_due(node)


def test_a_label_holds_no_password() -> None:
    nodes = Nodes(["https://user:secret@node.example/key"])
    assert asked(nodes) == ["node.example:443"]
