"""A proof in pieces: scanned in any order, typed with spaces, and every slip named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
import segno

from app.reporting.verify import paper

CONTENT = json.dumps([f"0x{at * 0x9E3779B97F4A7C15:064x}" for at in range(1, 60)]).encode()
PIECES = paper.pieces(CONTENT)


def test_pieces_come_back_in_any_order_and_however_they_were_typed() -> None:
    assert len(PIECES) > 2
    typed = [re.sub("(.{5})", r"\1 ", one).lower() for one in reversed(PIECES)]
    assert paper.read("\n\n".join([*typed, typed[0]])) == CONTENT
    assert paper.read("".join(PIECES)) == CONTENT
    assert paper.is_paper(typed[0])


def test_a_piece_is_a_code_that_a_telephone_reads() -> None:
    for one in PIECES:
        code = segno.make(one, error="m")
        assert (code.mode, code.symbol_size(border=0)[0] <= 77) == ("alphanumeric", True)


def _slip(lines: list[str]) -> list[str]:
    other = "B" if lines[1][40] == "A" else "A"
    return [lines[0], lines[1][:40] + other + lines[1][41:], *lines[2:]]


WRONG: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "slip": (_slip, "piece 2 has a slip"),
    "missing": (lambda lines: [lines[0], *lines[2:]], "missing: 2"),
    "mixed": (lambda lines: [*lines[1:], paper.pieces(b"another")[0]], "several proofs"),
    "nothing": (lambda _: ["CIVIS1-"], "no whole piece"),
    "bomb": (lambda _: paper.pieces(b"0" * (paper.MOST + 1)), "no whole proof"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_named(kind: str) -> None:
    spoil, words = WRONG[kind]
    with pytest.raises(paper.NotReadError, match=words):
        paper.read("\n".join(spoil(PIECES)))
