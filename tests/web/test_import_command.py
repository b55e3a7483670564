"""`civis import` against a served installation: signed by the partner's own key, told by row."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.actions.imports.client import ImportRefusedError, connected
from app.actions.imports.command import command
from app.actions.imports.jobs import run_import_jobs
from app.actions.imports.uploads import MAX_UPLOAD
from app.chain import typed
from app.chain.signer import SignerClient
from app.rewards.models import Programme
from app.rewards.valuing.import_tools import tools_of
from app.services import Services
from tests.support.bikes import Bikes, bike_operator
from tests.support.partner import table, trip
from tests.support.serving import served


@pytest.fixture
def bikes(services: Services, signer: SignerClient) -> Iterator[Bikes]:
    with bike_operator(services, signer) as operator:
        yield operator


@pytest.fixture
def worker(bikes: Bikes) -> Iterator[None]:
    """Works jobs beside the test, as the workers' process does."""
    parts, stop = bikes.partner.services, threading.Event()

    def work() -> None:
        while not stop.wait(0.1):
            run_import_jobs(tools_of(parts, wallets=parts.signer))

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


def run(bikes: Bikes, folder: Path, content: str, *options: str) -> Result:
    file, key = folder / "trips.csv", folder / "key"
    file.write_text(content, "utf-8")
    key.write_text("0x" + bikes.partner.key.hex(), "ascii")
    with bikes.partner.services.database.session() as session:
        slug = session.get_one(Programme, bikes.partner.programme_id).slug
    with served(bikes.client.application) as url:
        given = [str(file), "--programme", slug, "--url", url, "--key-file", str(key), *options]
        return CliRunner().invoke(command, given, env={"CIVIS_TOKEN": bikes.tokens["partner"]})


@pytest.mark.usefixtures("worker")
def test_a_file_is_signed_sent_and_told_row_by_row(bikes: Bikes, tmp_path: Path) -> None:
    organisation = {"organisation_id": str(bikes.partner.organisation_id)}
    code = bikes.call("rider", "POST", "/me/rider-link-codes", json=organisation).get_json()
    results = tmp_path / "results.ndjson"
    content = table(trip(bikes.partner, 3, "r-1"), trip(bikes.partner, 4), "short,row")
    link = ("--link", f"r-1={code['code']}")
    told = run(bikes, tmp_path, content, *link, "--json", "--results", str(results))
    assert told.exit_code == 0, told.output
    assert "done: 3 of 3 rows" in told.stderr
    said = next(line for line in told.output.splitlines() if line.startswith('{"'))
    assert json.loads(said)["counts"] == {"accepted": 1, "summed": 1, "refused": 1}
    lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    assert [line["result"] for line in lines] == ["accepted", "summed", "refused"]


def test_a_refusal_is_one_sentence_and_exit_1(bikes: Bikes, tmp_path: Path) -> None:
    bikes.partner.key = typed.new_key()
    told = run(bikes, tmp_path, table(trip(bikes.partner, 3)))
    assert told.exit_code == 1
    assert "The registered key is" in told.output
    assert "Traceback" not in told.output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("trip_id,started_at\n", "A column is missing. There is no column end_lat."),
        ("trip_id;started_at\n", "A column is not known."),
        ("", "The file holds no rows."),
        (table('t-1,"x'), "The file is not CSV."),
    ],
)
def test_a_file_that_cannot_be_read_is_said_in_words(
    bikes: Bikes, tmp_path: Path, content: str, words: str
) -> None:
    told = run(bikes, tmp_path, content)
    assert told.exit_code == 1
    assert words in told.output


def test_a_network_that_went_away_says_that_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text("x", "utf-8")
    given = [str(tmp_path / "trips.csv"), "--programme", "x", "--url", "http://127.0.0.1:1"]
    told = CliRunner().invoke(command, given, env={"CIVIS_TOKEN": "x"})
    assert told.exit_code == 1
    assert "can't be reached" in told.output
    assert "the same file sent twice changes nothing" in told.output


def test_a_file_over_the_limit_is_not_even_sent(bikes: Bikes, tmp_path: Path) -> None:
    big = tmp_path / "big.csv"
    with big.open("wb") as file:
        file.truncate(MAX_UPLOAD + 1)
    refused = pytest.raises(ImportRefusedError, match="over 2 GiB: send it in parts")
    with served(bikes.client.application) as url, connected(url, "x") as client, refused:
        client.send(big, {}, None)


def test_a_token_that_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text("x", "utf-8")
    given = [str(tmp_path / "trips.csv"), "--programme", "x", "--token-file", str(tmp_path / "no")]
    told = CliRunner().invoke(command, given)
    assert told.exit_code == 2
    assert "holds no token" in told.output


def test_without_a_token_it_says_what_to_give(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text("x", "utf-8")
    given = [str(tmp_path / "trips.csv"), "--programme", "x", "--url", "http://127.0.0.1:1"]
    told = CliRunner().invoke(command, given, env={"CIVIS_TOKEN": ""})
    assert told.exit_code == 2
    assert "CIVIS_TOKEN" in told.output
