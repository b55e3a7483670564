"""What `civis run` asks of the demo: its city, and the words for visitors."""

from __future__ import annotations

from app.config import Settings
from app.demo.visitors import how_to_sign_in
from app.demo.world import Say

__all__ = ["ensure_city", "how_to_sign_in"]


def ensure_city(settings: Settings, say: Say) -> None:
    """Makes the city, or what is missing of it."""
    from app.demo.seed import seed  # noqa: PLC0415 - heavy, and due only now

    seed(settings, say)
