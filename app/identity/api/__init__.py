"""Who one is, over HTTP: the blueprint with every module's routes."""

from __future__ import annotations

from app.identity.api import passkeys, people
from app.identity.api.blueprint import blueprint

__all__ = ["blueprint", "passkeys", "people"]
