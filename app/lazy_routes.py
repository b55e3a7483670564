"""Routes whose URL builders are made when the first URL is built, not when the process starts.

Werkzeug compiles two functions a route; most routes of a process never build a URL, and 425 of
them were four fifths of the time that putting the application together took.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LazyRule(Rule):
    """A Rule; if Werkzeug renames what this replaces, it is an ordinary one."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made: list[Callable[..., tuple[str, str]]] = []

        def built(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(super(LazyRule, self)._compile_builder(append_unknown))
            return made[0](rule, **values)

        return built
