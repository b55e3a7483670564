"""Every word of every page stands in both languages, with the same placeholders."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.actions.codes import REASONS
from app.errors import CATALOGUE
from app.impact.catalogue import Catalogue
from app.rewards.campaigns import faults as campaigns
from app.rewards.language import (
    cautions,
    changed,
    clauses,
    describing_words,
    faults,
    line_words,
)
from app.rewards.trying import summary as trials
from app.typography import ELISION, with_breaks_kept
from tests.rules.test_problems import load_everything

ROOT = Path(__file__).parents[2]
WEB = ROOT / "app" / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "_l": None, "lazy_gettext": None}
CARDS = "app/identity/cards/pdf.py"
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


def test_nor_in_sentences_about_rules_and_reasons() -> None:
    """They are printed once for all, where they are written."""
    tables = (
        *(cautions.SENTENCES, changed.SENTENCES, clauses.WORDS, describing_words.WORDS),
        *(faults.SENTENCES, line_words.SENTENCES, trials.SENTENCES, campaigns.SENTENCES),
    )
    words = [text for table in tables for text in table["fr"].values() if isinstance(text, str)]
    words += [one.sentence["fr"] + one.remedy["fr"] for one in REASONS.values()]
    assert len(words) > 200
    assert [text for text in words if BREAKS.search(text)] == []


def _written() -> Iterator[tuple[str, str]]:
    """Every text of the catalogue and of the sources, with where it stands."""
    for target in FRENCH.values():
        for text in target if isinstance(target, tuple) else (target,):
            yield "catalogue", str(text)
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value
    for said in re.findall(r"'fr': (\"[^\"]*\"|'[^']*')", repr(vars(Catalogue.load()))):
        yield "data", said[1:-1]


def test_french_apostrophes_are_curved() -> None:
    """Not so on cards of paper: the printer's built-in letters have no curved one."""
    found = [at for at, text in _written() if ELISION.search(text) and CARDS not in at]
    assert found == []
    assert ELISION.search("Rien n'est dû")
    assert not ELISION.search("It's the city's, don't change it")


def test_a_share_is_written_as_each_language_has_it() -> None:
    """10% in English, 10 % in French."""
    english, french = re.compile(r"[\d}]\s%(?!\w|\()"), re.compile(r"[\d}]%(?!\w|\()| %(?!\w|\()")
    texts = [(str(word), str(said)) for word, said in FRENCH.items()]
    texts += [
        (" ".join(entry.words["en"]), " ".join(entry.words["fr"])) for entry in CATALOGUE.values()
    ]
    assert [word for word, _ in texts if english.search(word)] == []
    assert [said for _, said in texts if french.search(said)] == []
