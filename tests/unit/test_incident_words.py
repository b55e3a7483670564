"""The details of incidents are said in the reader's language, sentence by sentence."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from app.chain.contracts.failures import KIND_OF
from app.web.office.incident_words import SENTENCES, said
from app.web.office.refusal_words import refusal
from app.web.words import speech_of
from workers.reconciling import QUESTIONS

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"%\(\w+\)s")
EXAMPLES = {
    "spring: its end is announced, and 3 people don't know yet": (
        "spring\xa0: sa fin est annoncée, et 3 personnes ne le savent pas encore"
    ),
    "officers: fewer than two are left from 2031-05-14 on": (
        "agents de la ville\xa0: moins de deux restent à partir du 2031-05-14"
    ),
    "node-1:8545: its head is block 7, and we have seen later ones": (
        "node-1:8545\xa0: il en est au bloc 7, et nous en avons vu de plus récents"
    ),
    "nonce 7, anchor: signed 2031-05-14 10:00:00 UTC": (
        "numéro 7, anchor\xa0: signée 2031-05-14 10:00:00 UTC"
    ),
    "block 9: balance of 0xab: ours 1, the chain's 2, and 4 more; pay-outs wait; see c-9.json": (
        "bloc 9\xa0: solde de 0xab\xa0: nous 1, la chaîne 2, et 4 autres\xa0; les versements"
        " attendent\xa0; voir c-9.json"
    ),
    "minter 0xab, nonce 5: its bytes were lost and it was filled with nothing, by ana: gone": (
        "minter 0xab, numéro 5\xa0: son contenu était perdu et il a été comblé par rien,"
        " par ana\xa0: gone"
    ),
    "order 0xab: 5 cents from an account that the books don't know, to 0xcd: pay them by hand": (
        "ordre 0xab\xa0: 5 centimes d’un compte que nos registres ne connaissent pas, à 0xcd\xa0: à"
        " payer à la main"
    ),
    "order 0xab: paid by the pay-out 0xcd, not by hand, and its line is lost": (
        "ordre 0xab\xa0: payé par le versement 0xcd, pas à la main, et sa ligne est perdue"
    ),
    "bank file CIVIS-1: 2 of its transfers pay what no book knows": (
        "fichier bancaire CIVIS-1\xa0: 2 de ses virements paient ce qu’aucun registre ne connaît"
    ),
    "spring, 2026-W47: 0xab: 500 cents are owed to it, and 300 are there": (
        "spring, 2026-W47\xa0: 0xab\xa0: 500 centimes lui sont dus, et 300 s’y trouvent"
    ),
    "depot: the organisation's key ends at 2031-05-14 10:00 UTC; and keys that end within 30 days:"
    " devices 2, clerks 1": (
        "depot\xa0: la clé de l’organisme prend fin à 2031-05-14 10:00 UTC\xa0; et clés qui"
        " prennent fin d’ici 30 jours\xa0: appareils 2, agents 1"
    ),
    "what is promised is not held: 2": "ce qui est promis n’est pas retenu\xa0: 2",
}


OTHERS = ("Abandoned", "BatchCountWrong", "NodeRefused", "RuleSetVersionWrong", "Unknown")
FRENCH, ENGLISH = speech_of("fr"), speech_of("en")


def _templates() -> list[str]:
    """Every text of the program outside its pages, with {} where it is filled in."""
    found = []
    paths = [*(ROOT / "app").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    for path in paths:
        if (ROOT / "app" / "web") in path.parents:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(map(_part, node.values)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return found


def _part(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "{}"


def test_every_sentence_is_one_that_the_program_writes() -> None:
    written = "\n".join(_templates())
    assert [text for text in SENTENCES if PLACE.sub("{}", text) not in written] == []


@pytest.mark.parametrize("detail", EXAMPLES)
def test_a_detail_is_said_part_by_part(detail: str) -> None:
    assert said(detail, FRENCH) == EXAMPLES[detail]


def test_english_stays_as_it_was_written() -> None:
    assert [said(detail, ENGLISH) for detail in EXAMPLES] == list(EXAMPLES)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_about_the_books_is_said_in_french(question: str) -> None:
    assert said(question, FRENCH) != question


@pytest.mark.parametrize("name", [*KIND_OF, *OTHERS])
def test_every_refusal_that_something_may_wait_for_is_said_in_french(name: str) -> None:
    text = f"{name}(until=7)"
    assert refusal(text, FRENCH) not in ("", refusal(text, ENGLISH))
    assert said(f"commit_batch ab: {text}", FRENCH).endswith(f"{refusal(text, FRENCH)} – {text}")


def test_a_nodes_own_words_stay() -> None:
    assert said("ConnectError(refused)", FRENCH) == "ConnectError(refused)"
