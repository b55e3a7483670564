"""Routes of this package under /api/v1: people's own, passkeys, cards, stations, the counter."""

from __future__ import annotations

from app.identity.api import address, cards, mandates, passkeys, people, stations
from app.identity.api.blueprint import blueprint

__all__ = ["address", "blueprint", "cards", "mandates", "passkeys", "people", "stations"]
