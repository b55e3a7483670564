"""Every word of every page stands in both languages, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.errors import CATALOGUE
from app.typography import with_breaks_kept
from tests.rules.test_problems import load_everything

ROOT = Path(__file__).parents[2]
WEB = ROOT / "app" / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "_l": None, "lazy_gettext": None}
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")

with (WEB / "translations" / "fr" / "LC_MESSAGES" / "messages.po").open("rb") as words:
    FRENCH: dict[Any, Any] = {
        message.id: message.string for message in read_po(words) if message.id
    }


def _used() -> set[object]:
    found = extract_from_dir(WEB, method_map=METHODS, keywords=KEYWORDS)
    return {tuple(m) if isinstance(m, tuple) else m for _, _, m, _, _ in found}


def test_every_word_used_is_translated() -> None:
    missing = sorted(str(word) for word in _used() if not FRENCH.get(word))
    assert not missing


def test_no_translation_is_left_over() -> None:
    assert sorted(str(word) for word in set(FRENCH) - _used()) == []


@pytest.mark.parametrize("word", sorted(FRENCH, key=str))
def test_placeholders_survive_translation(word: object) -> None:
    """A plural's singular may leave the number out; nothing may invent a placeholder."""
    source = word if isinstance(word, tuple) else (word,)
    wanted = set(PLACEHOLDER.findall(" ".join(map(str, source))))
    target = FRENCH[word]
    for text in target if isinstance(target, tuple) else (target,):
        assert set(PLACEHOLDER.findall(str(text))) <= wanted
    assert isinstance(target, tuple) or set(PLACEHOLDER.findall(str(target))) == wanted


BREAKS = re.compile(
    r"(?: |^)[:;!?»](?!\w|/)|«(?!\xa0)|\S(?<![\xa0\d:;!?.…])[;!?»](?=\s|$)|\w:(?=\s|$)"
)
"""A sign that could begin a line of its own, or that stands too close, as French has it."""


def test_french_signs_never_begin_a_line() -> None:
    """A no-break space before : ; ! ? and within « »."""
    found = [
        str(text)
        for target in FRENCH.values()
        for text in (target if isinstance(target, tuple) else (target,))
        if BREAKS.search(str(text))
    ]
    assert found == []


def test_nor_in_what_is_refused_or_written_elsewhere() -> None:
    """Sentences outside the catalogue are kept with plain spaces, and said with others."""
    load_everything()
    assert len(CATALOGUE) > 300
    words = [part for entry in CATALOGUE.values() for part in entry.words["fr"]]
    said = [with_breaks_kept(part) for part in words]
    assert [part for part in said if BREAKS.search(part)] == []
    assert with_breaks_kept("Payé : « 2 € » ; ok ?") == "Payé\xa0: «\xa02\xa0€\xa0»\xa0; ok\xa0?"
    assert with_breaks_kept("at https://city.example: go!") == "at https://city.example: go!"
