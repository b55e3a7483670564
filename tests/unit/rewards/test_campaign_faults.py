"""What is wrong with a file is said in the reader's language, whole, and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from app.rewards.campaigns.converting import convert
from app.rewards.campaigns.faults import KINDS, SENTENCES, CampaignError
from app.rewards.campaigns.reading import read_text
from tests.unit.rewards.test_campaign_refused import REQUIRE, broken

ROOT = Path(__file__).parents[3] / "app" / "rewards"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
WITHOUT = {"message", "why"}  # what programs of others say, in English


def raised() -> list[tuple[str, set[str]]]:
    """The codes that are raised, with the names of their values."""
    found = []
    for folder in ("campaigns", "trying"):
        for file in sorted((ROOT / folder).glob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "CampaignError":
                    code = node.args[1]
                    assert isinstance(code, ast.Constant)
                    found.append((str(code.value), {str(one.arg) for one in node.keywords}))
    return found


def test_every_code_has_words_in_both_languages_and_is_used() -> None:
    used = {code for code, _ in raised()}
    assert used == set(SENTENCES["en"]) == set(SENTENCES["fr"])
    assert set(KINDS["en"]) == set(KINDS["fr"])


def test_words_say_the_values_of_their_code() -> None:
    for code, values in raised():
        assert set(PLACEHOLDER.findall(SENTENCES["en"][code])) == values, code
        assert set(PLACEHOLDER.findall(SENTENCES["fr"][code])) == values - WITHOUT, code


def test_french_says_all_of_it() -> None:
    with pytest.raises(CampaignError) as found:
        convert(broken(f"{REQUIRE}.class", [True]))
    assert found.value.said("fr") == "doit être un texte, c’est true ou false"
    with pytest.raises(CampaignError) as found:
        convert(broken(REQUIRE, {"all": [{"weekdays": [1]}]}))
    assert found.value.said("fr").startswith(
        "n’est pas un prédicat connu\xa0; connus\xa0: all, any"
    )
    with pytest.raises(CampaignError) as found:
        read_text('{"at": ')
    assert found.value.said("fr") == "ce n’est pas du JSON (ligne 1, colonne 8)"
