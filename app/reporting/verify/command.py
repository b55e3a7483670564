"""`civis verify`: for whoever holds a receipt, a consent's record, or a slice of the access log.

As files, or as the pieces on paper, scanned or typed into a text file. Needs no network unless a
node is named.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from app.as_json import AS_JSON, answer
from app.reporting.access.proof import FORMAT as SLICE
from app.reporting.access.verdict import verify_slice
from app.reporting.verify import consent, paper
from app.reporting.verify.check import CANNOT_CHECK, Verdict, in_words, verify

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("verify")
@click.argument("receipt", type=_FILE)
@click.option("--rpc", help="JSON-RPC address: asks whether the chain holds the receipt's roots.")
@click.option("--registry", help="ActionRegistry address, if the receipt isn't to be believed.")
@click.option("--anchor", help="Anchor address, if a slice of the access log isn't believed.")
@click.option("--keys", type=_FILE, help="The city's key set, for a consent's receipt.")
@AS_JSON
def command(*, receipt: Path, keys: Path | None, as_json: bool, **asked: str | None) -> None:
    """Check a deed's receipt, a consent's receipt, or one's own slice of the access log.

    RECEIPT is a file: the receipt, or what was scanned or typed from its pieces on paper.

    Exit 0 holds, 1 doesn't hold, 2 can't be checked.
    """
    try:
        of, verdict = _verdict(receipt.read_text("utf-8"), keys, **asked)
    except paper.NotReadError as error:
        of, verdict = "RECEIPT", Verdict(CANNOT_CHECK, (), str(error))
    except (ValueError, RecursionError) as error:
        of, verdict = "RECEIPT", Verdict(CANNOT_CHECK, (), f"{receipt} is not JSON: {error}")
    answer(verdict.to_json(), *in_words(verdict, of), as_json=as_json)
    raise SystemExit(verdict.code)


def _verdict(
    text: str, keys: Path | None, *, rpc: str | None, registry: str | None, anchor: str | None
) -> tuple[str, Verdict]:
    """Raises ValueError, RecursionError, NotReadError."""
    if paper.is_paper(text):
        text = paper.read(text).decode("utf-8")
    if consent.is_receipt(text.strip()):
        return "RECEIPT", _consent(text.strip(), keys)
    content = json.loads(text)
    kind = content.get("format") if isinstance(content, dict) else None
    if kind == consent.FORMAT:
        return "RECEIPT", _consent(consent.from_paper(content), keys)
    if kind == SLICE:
        return "SLICE", verify_slice(content, rpc, anchor)
    return "RECEIPT", verify(content, rpc, registry)


def _consent(signed: str, keys: Path | None) -> Verdict:
    known: Any = json.loads(keys.read_text("utf-8")) if keys else None
    return consent.verify_consent(signed, known)
