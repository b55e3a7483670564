"""docs/partners.md alone suffices: its example is recomputed by what it says, then by our code."""

from __future__ import annotations

import csv
import hmac
import io
import json
import re
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from app.actions.api.import_schemas import NewImport
from app.actions.imports.options import COLUMNS, EXTRA_COLUMNS, REQUIRED, TOLD_COLUMNS
from app.actions.imports.rows import read_rows
from app.actions.imports.statement import build
from app.chain import typed
from app.web.vouching.imports import RESULT_WORDS

DOCUMENT = (Path(__file__).parents[3] / "docs/partners.md").read_text(encoding="utf-8")
CSV = re.findall(r"```csv\n(.*?)```", DOCUMENT, re.DOTALL)[0]
SAID: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)[0])
KEY = b"\x11" * 32


def _order(after: str = "joined by the byte `1f`:") -> list[str]:
    """The columns in the order in which the document puts them for hashing."""
    told = DOCUMENT.partition(after)[2].partition(".")[0]
    return re.findall(r"`(\w+)`", told)


def _row(header: list[str], values: list[str]) -> bytes:
    if len(values) != len(header):
        return b""
    named = dict(zip(header, values, strict=True))
    return b"\x1f".join(named.get(name, "").encode() for name in _order())


def _top(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = [b"".join(hashes[i : i + 2]) for i in range(0, len(hashes), 2)]
        node = keccak(text="civis.import.node.v1")
        hashes = [keccak(node + pair) if len(pair) == 64 else pair for pair in pairs]
    return hashes[0]


def _typed_data(root: bytes) -> dict[str, Any]:
    """Its two type strings, spelled as EIP-712 libraries want them."""
    strings = re.findall(r"^(\w+)\(([^)]*)\)$", DOCUMENT, re.MULTILINE)
    kinds = {
        name: [
            dict(zip(("type", "name"), one.split(" "), strict=True)) for one in inside.split(",")
        ]
        for name, inside in strings
    }
    domain = SAID["domain"]
    return {
        "types": kinds,
        "primaryType": "ImportStatement",
        "domain": {
            "name": domain["name"],
            "version": "1",
            "chainId": domain["chain_id"],
            "verifyingContract": domain["contract"],
            "salt": bytes.fromhex(domain["salt"][2:]),
        },
        "message": {
            "partner": SAID["partner"],
            "root": root,
            "rows": SAID["rows"],
            "statedAt": SAID["stated_at"],
        },
    }


def test_the_example_follows_from_the_document_alone() -> None:
    header, *lines = csv.reader(io.StringIO(CSV))
    rows = [_row(header, line) for line in lines]
    first = re.findall(r"^`(t-1\|.*)`$", DOCUMENT, re.MULTILINE)[0]
    assert rows[0] == first.replace("|", "\x1f").encode()
    seed = bytes.fromhex(SAID["seed"][2:])
    numbers = range(1, len(rows) + 1)
    salts = [hmac.digest(seed, number.to_bytes(8, "big"), "sha256") for number in numbers]
    word = keccak(text="civis.import.row.v1")
    leaves = [keccak(word + salt + row) for salt, row in zip(salts, rows, strict=True)]
    top = _top(leaves)
    root = keccak(keccak(text="civis.import.root.v1") + len(rows).to_bytes(32, "big") + top)
    assert [SAID["salts"], SAID["leaves"]] == [_hex(salts), _hex(leaves)]
    assert [SAID["top"], SAID["root"], SAID["rows"]] == [*_hex([top, root]), len(rows)]
    signed = Account.sign_message(encode_typed_data(full_message=_typed_data(root)), KEY)
    assert Account.from_key(KEY).address == SAID["partner"]
    assert _hex([signed.message_hash, signed.signature]) == [SAID["digest"], SAID["signature"]]


def test_the_example_is_what_our_code_makes_of_it(tmp_path: Path) -> None:
    seed = bytes.fromhex(SAID["seed"][2:])
    tree = build(tmp_path / "tree", seed, read_rows(io.StringIO(CSV, newline="")))
    assert ["0x" + tree.root.hex(), tree.count] == [SAID["root"], SAID["rows"]]
    given = SAID["domain"]
    salt = bytes.fromhex(given["salt"][2:])
    domain = typed.Domain(given["name"], given["chain_id"], given["contract"], salt)
    struct = typed.ImportStatement(SAID["partner"], tree.root, tree.count, SAID["stated_at"])
    digest = typed.import_statement_digest(domain, struct)
    assert "0x" + digest.hex() == SAID["digest"]
    assert typed.recover(digest, bytes.fromhex(SAID["signature"][2:])) == SAID["partner"]


def test_no_column_part_or_result_is_left_out() -> None:
    assert _order() == [*COLUMNS, *EXTRA_COLUMNS]
    assert _order("all eight follow, joined likewise:") == [*TOLD_COLUMNS]
    columns = _first_cells("The file")
    assert set(columns) == {*COLUMNS, *EXTRA_COLUMNS, *TOLD_COLUMNS}
    needed = "".join(re.findall(r"^\|([^|]*)\| needed", DOCUMENT, re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", needed)) == REQUIRED
    assert set(_first_cells("What is sent")) == set(NewImport().fields)
    assert set(_first_cells("What became of it")) == {*RESULT_WORDS, "result"}


def _first_cells(heading: str) -> list[str]:
    part = DOCUMENT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return re.findall(r"`(\w+)`", " ".join(cells))


def _hex(values: list[bytes]) -> list[str]:
    return ["0x" + value.hex() for value in values]
