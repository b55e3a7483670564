"""Brackets are counted where they open something, not where they stand in a text."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from app.json_depth import MOST, TooDeepError, check_depth


@pytest.mark.parametrize(
    "text",
    [
        "[" * MOST + "]" * MOST,
        json.dumps([{"a": ["[" * 500, "]" * 3, '\\"[[']} for _ in range(500)]),
        "no json at all ]]]] }}}",
        "[" + '"\\"' * 300_000 + "[" * 200,  # a text without an end, read once only
    ],
)
def test_what_is_sent_in_earnest_passes(text: str) -> None:
    check_depth(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * (MOST + 1),
        "[" * 200_000,
        '{"a":' * 200 + "1" + "}" * 200,
        '["]",' * 200,  # a closing bracket inside a text closes nothing
        '["\\"]",' * 200,
    ],
)
def test_too_deep_is_refused(text: str) -> None:
    with pytest.raises(TooDeepError):
        check_depth(text)


def test_a_raised_recursion_limit_no_longer_ends_the_process() -> None:
    """In a process of its own, with the limit that a library sets."""
    code = (
        "import sys, json\nsys.setrecursionlimit(100_000)\n"
        "from app.json_depth import TooDeepError, check_depth\n"
        "text = '[' * 200_000\n"
        "try:\n    check_depth(text)\n    json.loads(text)\n"
        "except TooDeepError:\n    print('refused')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "refused"
