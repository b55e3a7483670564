"""A file has at most 250 lines and a function 30: what is longer is two things."""

from __future__ import annotations

import pytest

from tests.rules.budgets import FILE_LINES, FUNCTION_LINES, ROOT, functions, sources


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert len(lengths) > 50
    long = {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > FILE_LINES}
    assert long == {}


def test_no_function_is_too_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {name}: {length}"
        for path in sources()
        for name, length in functions(path.suffix, path.read_text(encoding="utf-8"))
        if length > FUNCTION_LINES
    ]
    assert long == []


@pytest.mark.parametrize(
    ("suffix", "text", "expected"),
    [
        (".py", 'def f():\n    """Says\n    much."""\n    return 1\n', [("f", 2)]),
        (".py", "class C:\n    async def g(self):\n        a = 1\n        return a\n", [("g", 3)]),
        (".sol", "function a() external;\n", []),
        (".sol", "  function a(\n    uint b\n  ) external {\n    c = '}';\n  }\n", [("a", 5)]),
        (".js", "export async function a() {\n  if (x) {\n  } // }\n}\n", [("a", 4)]),
    ],
)
def test_the_ruler_measures(suffix: str, text: str, expected: list[tuple[str, int]]) -> None:
    found = list(functions(suffix, text))
    assert [length for _, length in found] == [length for _, length in expected]
    assert all(name in shown for (name, _), (shown, _) in zip(expected, found, strict=True))
