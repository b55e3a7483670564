"""What a telephone on a slow network (400 kbit/s) loads before a page can be used.

Bytes, not seconds: 60 kB are a good second there. Styles and scripts are kept by the browser.
"""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.support.town import Town
from tests.web.test_forms_again import browser_of

MOST = 60_000
LINKED = re.compile(r'(?:src|href)="(/static/[^"]+\.(?:css|js|svg))"')
IMPORTED = re.compile(r'^import .*"\./([\w.-]+\.js)"', re.MULTILINE)


def _weight(browser: FlaskClient, path: str) -> int:
    """Of the page with all that it names, and what its scripts import at once."""
    page = browser.get(path)
    assert page.status_code == 200, path
    todo, seen = sorted(set(LINKED.findall(page.text))), dict[str, int]()
    while todo:
        one = todo.pop()
        if one not in seen:
            answer = browser.get(one)
            assert answer.status_code == 200, one
            seen[one] = len(answer.data)
            folder = one.rpartition("/")[0]
            todo += [f"{folder}/{name}" for name in IMPORTED.findall(answer.text)]
    assert any(name.endswith(".css") for name in seen)
    return len(page.data) + sum(seen.values())


@pytest.mark.parametrize("path", ["/me", "/pay", "/me/code", "/me/programmes", "/sign-in"])
def test_a_citizen_s_page_is_light(town: Town, path: str) -> None:
    assert _weight(browser_of(town, "citizen"), path) < MOST
