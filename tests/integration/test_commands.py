"""Commands of the house: each listed one loads, says what it does, and fails in a sentence."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import COMMANDS, civis
from app.config import DatabaseRole
from tests.support.forked import said_by_each
from tests.support.postgres import Cluster
from tests.support.system import ROOT

LISTED = civis.list_commands(None)  # type: ignore[arg-type]


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


HELP = """
from app.cli import civis
civis([name, "--help"], prog_name="civis")
"""


def test_each_command_says_what_it_does() -> None:
    told = said_by_each(LISTED, HELP)
    assert list(told) == list(LISTED)
    begins = {name: " ".join(text.split("\n\n", 1)[1].split()) for name, text in told.items()}
    listed = {name: about.rstrip(".") for name, (_, about) in COMMANDS.items()}
    assert [name for name in LISTED if not begins[name].startswith(listed[name])] == []
    assert [name for name, about in listed.items() if len(about) <= 20] == []


def test_the_whole_table_is_listed_and_what_the_image_names_is_in_it() -> None:
    assert {"audit", "migrate", "run"} <= set(LISTED) == set(COMMANDS)
    entry = (ROOT / "docker/entrypoint").read_text("utf-8")
    named = re.findall(r"such as `(\w+)`|app\.cli (\w+)", entry)
    assert {word for pair in named for word in pair if word} == {"deploy", "migrate"} & set(LISTED)


def test_the_list_of_all_loads_none_of_them() -> None:
    code = "import sys; from app.cli import civis; civis(['--help'], standalone_mode=False)"
    code += "; print(sorted(set(sys.modules) & {'sqlalchemy', 'web3', 'flask'}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert [name for name in LISTED if f"\n  {name} " not in done.stdout] == []


@pytest.mark.parametrize("command", ["migrate", "export all --to archive", "backup --to backup"])
def test_a_command_that_needs_the_system_says_that_it_is_not_running(
    tmp_path: Path, command: str
) -> None:
    done = run(*command.split(), CIVIS_HOME=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == (
        f"civis: Civis is not running in {tmp_path}: start it with `make run` or `civis run`.\n"
    )


def test_what_fails_is_one_sentence_and_what_is_called_wrongly_gets_its_usage(
    tmp_path: Path,
) -> None:
    file = tmp_path / "rules.json"
    file.write_text("[", "utf-8")
    for command in ("hash", "check"):
        failed = run("programme", command, str(file))
        assert failed.returncode == 1
        assert failed.stderr.startswith(f"civis: {file}: "), failed.stderr
    wrong = run("audit")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("Usage: civis audit "), wrong.stderr
    assert wrong.stderr.endswith("Name a node by --rpc, or an archive by --archive.\n")


def test_a_folder_that_is_no_archive_is_told_what_it_lacks(tmp_path: Path) -> None:
    empty = run("audit", "--archive", str(tmp_path), "--json")
    assert empty.returncode == 2
    said = f"{tmp_path} is no whole archive: SHA256SUMS is missing"
    assert json.loads(empty.stdout)["reason"] == said
    content = {
        "chain.json": b"[]",
        "figures.json": b"{}",
        "programmes.json": b"{",
        "figures.csv": b"",
    }
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    lines = [f"{digest}  {name}\n" for name, digest in sums.items()]
    (tmp_path / "SHA256SUMS").write_text("".join(lines), "ascii")
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    other = run("audit", "--archive", str(tmp_path))
    said = "Could not check: chain.json: it must be an object with format, asked\n"
    assert (other.returncode, other.stdout, other.stderr) == (2, said, "")


def test_migrate_renews_once_and_says_so(postgres: Cluster, tmp_path: Path) -> None:
    with postgres.fresh(template="template0") as database:
        urls = postgres.urls(database)
        environ = {
            "CIVIS_HOME": str(tmp_path),
            "DATABASE_URL": urls[DatabaseRole.APP],
            "DATABASE_URL_MIGRATOR": urls[DatabaseRole.MIGRATOR],
            "CHAIN_RPC_URLS": "https://node.example",
            "PUBLIC_URL": "https://civis.example",
        }
        done = [run("migrate", "--json", **environ) for _ in range(2)]
    assert [one.returncode for one in done] == [0, 0], done[0].stderr
    assert [json.loads(one.stdout) for one in done] == [{"changed": True}, {"changed": False}]
