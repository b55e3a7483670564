"""`civis verify`: for whoever holds a receipt, or a slice of the access log.

Needs no network unless a node is named.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from app.reporting.access.proof import FORMAT as SLICE
from app.reporting.access.verdict import verify_slice
from app.reporting.verify.check import CANNOT_CHECK, Verdict, in_words, verify


@click.command("verify")
@click.argument("receipt", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rpc", help="JSON-RPC address: asks whether the chain holds the receipt's roots.")
@click.option("--registry", help="ActionRegistry address, if the receipt isn't to be believed.")
@click.option("--anchor", help="Anchor address, if a slice of the access log isn't believed.")
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def command(
    *, receipt: Path, rpc: str | None, registry: str | None, anchor: str | None, as_json: bool
) -> None:
    """Check a deed's receipt, or one's own slice of the access log.

    Exit 0 holds, 1 doesn't hold, 2 can't be checked.
    """
    of = "RECEIPT"
    try:
        content = json.loads(receipt.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        verdict = Verdict(CANNOT_CHECK, (), f"{receipt} is not JSON: {error}")
    else:
        if isinstance(content, dict) and content.get("format") == SLICE:
            of, verdict = "SLICE", verify_slice(content, rpc, anchor)
        else:
            verdict = verify(content, rpc, registry)
    click.echo(json.dumps(verdict.to_json()) if as_json else "\n".join(in_words(verdict, of)))
    raise SystemExit(verdict.code)
