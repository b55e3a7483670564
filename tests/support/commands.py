"""Every command of `civis` that does something itself, by what one types."""

from __future__ import annotations

from collections.abc import Iterator

import click


def leaves(group: click.Group, *before: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from leaves(found, *before, name)
        elif found is not None:
            yield " ".join((*before, name)), found
