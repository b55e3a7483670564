"""`civis programme outside`: what rules name and don't hold, entered first by the installation, and
read again as the document that its hash is of."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.config import DatabaseRole
from app.rewards.outside.command import outside
from app.rewards.outside.documents import document
from app.services import Services

STRIKES: dict[str, Any] = {
    "kind": "calendar",
    "name": "strikes",
    "source": "Prefecture, notice of 3 June 2027",
    "licence": "own data",
    "data": {"days": ["2027-07-05", {"day": "2027-07-02", "fr": "Grève", "en": "Strike"}]},
}
SQUARE = [[[2.1, 48.8], [2.2, 48.8], [2.2, 48.9], [2.1, 48.8]]]
Run = Callable[..., Result]


@pytest.fixture
def run(services: Services) -> Run:
    settings = services.settings
    given = {
        "CIVIS_HOME": str(settings.home),
        "CHAIN_RPC_URLS": "http://127.0.0.1:9",
        "PUBLIC_URL": "https://civis.example",
        "TIME_ZONE": "Europe/Paris",
        DatabaseRole.APP.variable: settings.database_url(DatabaseRole.APP),
    }
    return lambda *asked: CliRunner().invoke(outside, [str(one) for one in asked], env=given)


def written(folder: Path, said: Any, name: str = "said.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(said), "utf-8")
    return path


def test_what_was_put_is_listed_and_shown_as_what_its_hash_is_of(run: Run, tmp_path: Path) -> None:
    file, digest = written(tmp_path, STRIKES), f"0x{document(STRIKES).hash.hex()}"
    assert run("check", file).output == f"{digest}\n"
    assert "strikes" not in run("list").output, "checking enters nothing"
    put = run("put", file, "--from", "2027-07-01")
    assert (put.exit_code, put.output) == (0, f"calendar strikes 1 {digest}\n")
    checked = json.loads(run("check", file, "--json").output)
    assert checked == {"kind": "calendar", "name": "strikes", "hash": digest}
    assert json.loads(run("put", file, "--json").output) == [
        one for one in json.loads(run("list", "--json").output) if one["hash"] == digest
    ]
    (row,) = (one for one in json.loads(run("list", "--json").output) if one["hash"] == digest)
    assert (row["kind"], row["name"], row["version"]) == ("calendar", "strikes", 1)
    begin = datetime.fromisoformat(row["valid_from"])
    assert begin == datetime.fromisoformat("2027-07-01T00:00:00+02:00"), "a day of the city"
    assert "calendar strikes 1 " in run("list").output
    for asked in (("strikes",), ("strikes", "--version", "1")):
        shown = run("show", "calendar", *asked)
        on_a_line = run("show", "calendar", *asked, "--json").output
        assert (json.loads(on_a_line), on_a_line.count("\n")) == (json.loads(shown.output), 1)
        again = written(tmp_path, json.loads(shown.output), "again.json")
        assert run("check", again).output == f"{digest}\n"


def test_putting_again_changes_nothing_and_another_version_is_for_two(
    run: Run, tmp_path: Path
) -> None:
    said = {**STRIKES, "name": "again"}
    first = run("put", file := written(tmp_path, said))
    assert run("put", file).output == first.output
    listed = run("list").output
    other = written(tmp_path, {**said, "data": {"days": ["2027-07-06"]}})
    refused = run("put", other)
    assert (refused.exit_code, "two officers change it" in refused.output) == (1, True)
    assert run("list").output == listed


def test_without_a_file_the_public_holidays_are_put(run: Run) -> None:
    lines = run("put").output.splitlines()
    assert lines
    assert all(line.startswith("calendar ") for line in lines)
    for line in lines:
        shown = json.loads(run("show", "calendar", line.split()[1]).output)
        assert "2027-07-14" in [one["day"] for one in shown["data"]["days"]]
    assert run("put").output.splitlines() == lines


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"source": "short"}, "$.source must have from 10 to 500 signs"),
        ({"data": {"days": ["0001-01-01"]}}, "$.data.days[0] must lie between 1900-01-01"),
        ({"kind": "zone", "data": {"type": "Polygon", "coordinates": [[[2, 48]] * 4]}},
         "$.data.polygon[0] has all its points on one line"),
        ({"kind": "zone", "data": {"codes": {"com": []}}}, "$.data.codes is missing"),
        ({"kind": "number", "data": {"value": "3"}}, "$.data.value must be"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_its_place(
    run: Run, tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    file, before = written(tmp_path, {**STRIKES, "name": "wrong", **change}), run("list").output
    for word in ("check", "put"):
        answer = run(word, file)
        assert (answer.exit_code, says in answer.output) == (1, True), answer.output
        assert "Traceback" not in answer.output
    assert run("list").output == before


def test_what_isnt_there_or_no_json_is_said(run: Run, tmp_path: Path) -> None:
    assert "there is no such calendar nowhere" in run("show", "calendar", "nowhere").output
    file = written(tmp_path, {**STRIKES, "kind": "zone", "name": "centre",
                              "data": {"type": "Polygon", "coordinates": SQUARE}})  # fmt: skip
    assert run("put", file).exit_code == 0
    assert run("show", "calendar", "centre").exit_code == 1
    for version in ("2", str(2**40)):
        assert run("show", "zone", "centre", "--version", version).exit_code == 1
    (tmp_path / "none.json").write_text("{", "utf-8")
    broken = run("check", tmp_path / "none.json")
    assert (broken.exit_code, "none.json" in broken.output) == (1, True)
