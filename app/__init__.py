"""Civis: what a city promises for what its citizens do, with figures a stranger can check."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.config import Settings
    from app.context import Application

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Application:
    """The web application; settings come from the environment unless given.

    Imported late, so that a worker or a small tool that needs one module loads no web.
    """
    from app.application import build  # noqa: PLC0415

    return build(settings)
