"""A button that waits for its script is off in the page as it is served, and the page says why.

That the script turns it on, and that nothing is sent before, is shown in a browser
(tests/browser/test_counter.py, test_keys.py, test_own_key.py).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import web

TEMPLATES = Path(web.__file__).parent / "templates"
BUTTON = re.compile(r"<button[^>]*data-scripted[^>]*>")
WAITING = {
    str(path.relative_to(TEMPLATES)): found
    for path in sorted(TEMPLATES.rglob("*.html"))
    if (found := BUTTON.findall(path.read_text("utf-8")))
}


def test_there_are_such_pages() -> None:
    assert {name: len(found) for name, found in WAITING.items()} == {
        "attest/home.html": 1, "attest/keys.html": 3, "pay/show.html": 1,
    }  # fmt: skip


@pytest.mark.parametrize("name", WAITING)
def test_it_is_off_until_the_script_runs_and_the_page_says_so(name: str) -> None:
    assert [one for one in WAITING[name] if " disabled data-scripted" not in one] == []
    assert "<noscript>" in (TEMPLATES / name).read_text("utf-8")
