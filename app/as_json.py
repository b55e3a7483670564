"""`--json`, as every command of `civis` has it.

With it, standard output is one JSON document and nothing else (of a command that goes on until it
is interrupted, one for each thing it has to say, a line each). How far the work is, and what went
wrong, is said on standard error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import click

AS_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


def answer(document: Any, *lines: str, as_json: bool) -> None:
    """Prints the one, or the same in words; no words, nothing."""
    if as_json:
        click.echo(json.dumps(document))
    elif lines:
        click.echo("\n".join(lines))


def progress(*, as_json: bool) -> Callable[[str], None]:
    """Says how far the work is: beside the document, if there is one."""
    return partial(click.echo, err=as_json)
