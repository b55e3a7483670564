"""What commands tell a program: one document on standard output, and beside it nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from app.as_json import AS_JSON, answer, progress
from app.config import Settings
from app.demo.city import address
from app.demo.visitors import VISITORS
from app.embedded.run import say_ready
from app.rights.privacy_command import command as privacy
from app.rights.register import term


@click.command()
@AS_JSON
def weigh(*, as_json: bool) -> None:
    say = progress(as_json=as_json)
    say("half done")
    answer({"grams": 7}, "seven", "grams", as_json=as_json)


def run(command: click.Command, *words: str) -> Result:
    done = CliRunner().invoke(command, list(words))
    assert done.exit_code == 0, done.output
    return done


def read(command: click.Command, *words: str) -> Any:
    return json.loads(run(command, *words, "--json").stdout)


def test_progress_stands_beside_the_document_and_with_the_words() -> None:
    told = run(weigh, "--json")
    assert (told.stdout, told.stderr) == ('{"grams": 7}\n', "half done\n")
    said = run(weigh)
    assert (said.stdout, said.stderr) == ("half done\nseven\ngrams\n", "")


def test_without_words_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    answer({"grams": 7}, as_json=False)
    assert capsys.readouterr().out == ""


def ready(folder: Path, demo: str, *, shut: bool, as_json: bool) -> Sequence[str]:
    @click.command()
    def told() -> None:
        given = {"CIVIS_HOME": str(folder), "PORT": "8123", "GATEWAY_PORT": "8124"}
        settings = Settings.from_env({**given, "CIVIS_DEMO": demo})
        say_ready(settings, partial(answer, as_json=as_json), shut=shut)

    return run(told).stdout.splitlines()


def test_a_program_learns_where_a_demo_is_and_how_to_sign_in(tmp_path: Path) -> None:
    (line,) = ready(tmp_path, "1", shut=False, as_json=True)
    assert json.loads(line) == {
        "event": "ready",
        "url": "http://localhost:8123",
        "gateway": "http://127.0.0.1:8124",
        "home": str(tmp_path),
        "shut": False,
        "sign_in": {
            "url": "http://localhost:8123/sign-in",
            "people": {who: address(who) for who in VISITORS},
            "letters": "http://localhost:8123/mail",
        },
    }
    said = ready(tmp_path, "1", shut=False, as_json=False)
    assert said[0] == "Civis is ready: http://localhost:8123"
    assert "http://localhost:8123/sign-in" in said[1]
    assert all(address(who) in said[2] for who in VISITORS)


@pytest.mark.parametrize(("demo", "shut"), [("0", False), ("1", True), ("0", True)])
def test_nobody_is_told_to_sign_in_elsewhere_or_at_shut_doors(
    tmp_path: Path, demo: str, shut: bool
) -> None:
    (line,) = ready(tmp_path, demo, shut=shut, as_json=True)
    event = json.loads(line)
    assert (event["shut"], event["sign_in"]) == (shut, None)
    said = ready(tmp_path, demo, shut=shut, as_json=False)
    assert [line.startswith("Its doors are shut") for line in said[1:]] == [True] * shut


def test_the_register_is_told_as_its_text_says_it() -> None:
    for language, words in (("fr", ("--language", "fr")), ("en", ())):
        text, data = run(privacy, "register", *words).stdout, read(privacy, "register", *words)
        assert len(data["purposes"]) == text.count("\n| ") - 1 > 5
        for one in data["purposes"]:
            basis = term(one["basis"], language)
            assert f"| {one['title']} | {one['text']} | {basis} |" in text
            assert all(name in text for name in (*one["data"], *one["recipients"]))
            assert f"{one['id']} {one['version']} `{one['hash'][:12]}`" in text
        assert data["authority"] in text
        assert ", ".join(term(right, language) for right in data["rights"]) in text
    assert (term("erasure", "fr"), term("public_task", "en")) == ("effacement", "public task")


def test_the_map_is_told_as_its_text_says_it() -> None:
    text, data = run(privacy, "map").stdout, read(privacy, "map")
    assert len(data) == text.count("\n| `") > 20
    person = next(one for one in data if one["table"] == "person")
    assert "email_sealed" in person["sealed"]
    for one in data:
        assert f"| `{one['table']}` |" in text
        assert all(f"`{name}`" in text for name in (*one["named_by"], *one["sealed"]))


def test_the_assessment_is_told_as_its_text_says_it() -> None:
    text, data = run(privacy, "assessment").stdout, read(privacy, "assessment")
    assert len(data["necessity"]) + len(data["risks"]) == text.count("\n| ") - 2
    for one in data["necessity"]:
        assert one["what"] in text
        assert all(f"`{name}`: {until}" in text for name, until in one["tables"].items())
    assert {"who", "recipient", "could", "against", "remains"} == set(data["risks"][0])
