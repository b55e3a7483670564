"""What our own scripts call is known to browsers of six years ago (Chromium 87, Firefox 83,
Safari 14: November 2020); what is newer is asked for first, as `PublicKeyCredential` is.

The vendored libraries are built for ES2020 (app/web/vendor/build.mjs). A style that a browser
doesn't know is left out by it alone.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "app" / "web" / "static" / "js"
# By the version that brought it to the last of the three; see each one's page at MDN.
TOO_NEW = {
    "AbortSignal.timeout and any": r"AbortSignal\.(timeout|any)",
    "Array.prototype.at": r"\.at\(",
    "findLast": r"\.findLast(Index)?\(",
    "copies of arrays": r"\.(toSorted|toReversed|toSpliced|with)\(",
    "Object.hasOwn and groupBy": r"Object\.(hasOwn|groupBy)|Map\.groupBy",
    "structuredClone": r"\bstructuredClone\(",
    "crypto.randomUUID": r"randomUUID",
    "Promise.withResolvers": r"withResolvers",
    "await outside a function": r"(?m)^(const|let|export|await)\b.*\bawait\b",
    "static blocks": r"\bstatic \{",
    "error causes": r"new \w*Error\([^)]*\{ cause",
    "lookbehind": r"\(\?<[=!]",
}


@pytest.mark.parametrize("name", TOO_NEW)
def test_no_script_of_ours_needs_a_newer_browser(name: str) -> None:
    scripts = sorted(SCRIPTS.glob("*.js"))
    assert len(scripts) > 20
    found = [
        f"{path.name}: {line.strip()}"
        for path in scripts
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(TOO_NEW[name], line) and not line.lstrip().startswith("//")
    ]
    assert found == []
