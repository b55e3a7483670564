"""`civis audit`: for anybody, with nothing but a node's or the public gateway's address."""

from __future__ import annotations

from pathlib import Path

import click

from app.as_json import AS_JSON, answer
from app.reporting.audit.evidence import Places
from app.reporting.audit.run import audit, audit_archive, in_words


@click.command("audit")
@click.option("--rpc", help="JSON-RPC address: the public gateway or any node.")
@click.option(
    "--archive",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of `civis export all`: needs no server; with --rpc also compared with a node.",
)
@click.option("--site", help="Address of the city's site, whose public export is compared.")
@click.option("--registry", help="ActionRegistry address, if the site isn't to be believed.")
@click.option("--programmes", help="Programmes address, with --registry.")
@click.option("--anchor", help="Anchor address, with those: the access log's daily roots.")
@click.option("--first-block", default=0, show_default=True, help="Where to begin, with those.")
@AS_JSON
def command(
    *,
    rpc: str | None,
    archive: Path | None,
    site: str | None,
    registry: str | None,
    programmes: str | None,
    anchor: str | None,
    first_block: int,
    as_json: bool,
) -> None:
    """Recompute every public figure from the chain. Exit 0 agrees, 1 differs, 2 can't check."""
    if bool(registry) != bool(programmes):
        raise click.UsageError("--registry and --programmes go together.")
    places = None
    if registry and programmes:
        places = Places(registry, programmes, first_block, anchor)
    if archive is not None and (site or places):
        raise click.UsageError("--archive goes with --rpc only: it says itself where to look.")
    if archive is None and rpc is None:
        raise click.UsageError("Name a node by --rpc, or an archive by --archive.")
    report = audit_archive(archive, rpc) if archive else audit(rpc or "", site, places)
    answer(report.to_json(), *in_words(report), as_json=as_json)
    raise SystemExit(report.verdict)
