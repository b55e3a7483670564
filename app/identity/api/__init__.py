"""Routes of this package under /api/v1: people's own, then cards and the city's counter."""

from __future__ import annotations

from app.identity.api import cards, people
from app.identity.api.blueprint import blueprint

__all__ = ["blueprint", "cards", "people"]
