"""The council's document says what its two simulated sources say; counsel's names what exists."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.demo.council import DOCUMENTS, FOLDER, renewed, sources, tried, write_history
from app.demo.council_tables import Sources, tables
from app.impact.catalogue import catalogue
from tests.rules.test_docs import ROOT, documented

COUNSEL = ROOT / "docs/questions-for-counsel.md"
MADE = re.compile(r"<!-- made: .*?<!-- end of what is made -->", re.DOTALL)


def text_of(language: str) -> str:
    return (ROOT / FOLDER / DOCUMENTS[language]).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("council") / "history.csv"
    write_history(file, catalogue())
    return file


@pytest.fixture(scope="module")
def found(history: Path) -> Sources:
    run = json.loads((ROOT / FOLDER / "figures.json").read_text(encoding="utf-8"))
    return sources(run, history)


@pytest.mark.parametrize("language", DOCUMENTS)
def test_every_table_is_what_the_kept_run_and_the_plan_give(language: str, found: Sources) -> None:
    """Made anew by `make council`."""
    text = text_of(language)
    assert text == renewed(text, tables(found, language))
    simulated = {"en": "*Simulated:", "fr": "*Simulé\u00a0:"}[language]
    parts = MADE.findall(text)
    assert sum(simulated in part for part in parts) == len(parts) - 1  # the rules' own days


def test_prose_holds_no_figure_that_a_run_could_change() -> None:
    for language in DOCUMENTS:
        prose = MADE.sub("", text_of(language))
        assert not re.search(r"\d[\d\s.,\u202f]*\u00a0?€|€\d", prose)


def test_both_languages_have_the_same_parts_in_the_same_order() -> None:
    french, english = (
        re.findall(r"^#+ |<!-- made: .* -->", text_of(x), re.M) for x in ("fr", "en")
    )
    assert french == english


def test_a_document_without_a_mark_and_a_run_that_failed_are_refused(
    found: Sources, history: Path
) -> None:
    made = tables(found, "en")
    with pytest.raises(ValueError, match="marks"):
        renewed(text_of("en").replace("<!-- made: months -->", ""), made)
    failed: Mapping[str, object] = {**found.run, "audit": "differs"}
    with pytest.raises(ValueError, match="audit"):
        sources(failed, history)


def test_halved_caps_cost_less_and_are_worth_the_same(found: Sources, history: Path) -> None:
    """The written caps, tried again, give the same to the cent."""
    assert found.halved.whole.cents < found.plain.whole.cents
    assert found.halved.whole.worth_cents == found.plain.whole.worth_cents
    assert tried(history).people == found.plain.people


def test_every_setting_and_page_that_counsel_is_told_of_exists() -> None:
    text = COUNSEL.read_text(encoding="utf-8")
    settings = set(re.findall(r"`([A-Z]+_[A-Z_]+|LANGUAGES)`", text))
    assert len(settings) > 15
    assert settings - documented() == set()
    routes = (ROOT / "tests/rules/routes.txt").read_text(encoding="utf-8").splitlines()
    open_to_read = {line.split()[0] for line in routes if " GET " in line}
    pages = set(re.findall(r"`(/[a-z/.-]+)`", text))
    assert len(pages) > 20
    assert pages - open_to_read == set()
