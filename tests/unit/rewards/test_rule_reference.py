"""docs/rules.md says what the schema says."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.rewards.language.form import schema
from app.rewards.language.reference import renewed

DOCUMENT = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_reference_is_made_from_the_schema() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert text == renewed(text), "python -m app.rewards.language.reference docs/rules.md"
    for name in schema()["$defs"]["predicate"]["properties"]:
        assert f"| `{name}` |" in text


def test_a_document_without_the_mark_is_left_alone() -> None:
    with pytest.raises(ValueError, match="has no line"):
        renewed("# Something else")


def test_everything_in_the_schema_is_described() -> None:
    definitions = schema()["$defs"]
    for name in ("condition", "tariff", "step", "per", "adjustment", "value", "limit", "zone"):
        for member, part in definitions[name]["properties"].items():
            assert part.get("description"), f"{name}.{member}"
    for name, part in definitions["predicate"]["properties"].items():
        assert part.get("description"), name
