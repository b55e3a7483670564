"""Each failure between books and chain has a name that the house knows, and a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from app.actions.imports.defects import INCIDENT
from app.outbox.kinds import KINDS
from app.rewards.valuing.authenticate import CEILING_INCIDENTS
from app.web.office import chain_words
from app.web.office.chain_words import INCIDENTS, OTHERS

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "operators" / "failures.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
CODE = re.compile(r"`([a-z]+(?:[_-][a-z]+)+)`")
RULES = {"Rules": 32, "Indexing": 10}


def rows(heading: str) -> list[list[str]]:
    """The cells of each row of the table below a heading."""
    part = DOCUMENT.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_failure_and_rule_names_a_test_that_exists() -> None:
    parts = rows("Failures"), rows("Rules"), rows("Indexing")
    named = [(row, TEST.fullmatch(row[-1])) for part in parts for row in part]
    assert len(named) > sum(RULES.values())
    assert [row for row, found in named if found is None] == []
    lost = [
        found.group(0)
        for _, found in named
        if found is not None and found.group(2) not in functions(found.group(1))
    ]
    assert lost == []


def test_every_rule_is_there_once() -> None:
    for heading, count in RULES.items():
        numbers = [int(row[0].partition(" ")[0]) for row in rows(heading)]
        assert numbers == list(range(1, count + 1))


def test_every_incident_of_the_page_is_explained_and_no_other_is_made_up() -> None:
    told = {code for row in rows("Failures") for code in CODE.findall(row[1])}
    assert told == set(INCIDENTS)


def test_what_the_chain_s_edge_reports_has_words_on_the_page() -> None:
    """By its literal code, wherever one is given."""
    literal = re.compile(r'code="([a-z_-]+)"')
    edge = [*(ROOT / "app/chain").rglob("*.py"), ROOT / "workers/stalled.py"]
    found = {code for path in edge for code in literal.findall(path.read_text("utf-8"))}
    assert found
    assert found <= set(INCIDENTS)


def test_whatever_else_an_operator_is_told_has_words_too() -> None:
    """By its literal code, in every file that reports an incident, and what these make of one."""
    literal = re.compile(r'(?:code="|_unknown\(session, ")([a-z_-]+)"')
    made = re.compile(r'_unknown\(session, event\.at, "([a-z]+)"')
    found = {INCIDENT, *CEILING_INCIDENTS.values()}
    for path in [*(ROOT / "app").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]:
        text = path.read_text("utf-8")
        if "report_incident(" in text:
            found |= {*literal.findall(text), *(f"{what}_unknown" for what in made.findall(text))}
    assert {"letters_given_up", "order-unknown", "funding_unknown"} <= found
    assert found <= {*INCIDENTS, *OTHERS}
    assert set(OTHERS) <= found, "said of nothing"


def test_every_kind_of_row_has_words_on_the_page() -> None:
    assert set(chain_words.KINDS) == set(KINDS)
