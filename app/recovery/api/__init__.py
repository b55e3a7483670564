"""Routes under /api/v1 of blocks, recoveries and an owner's moves."""

from __future__ import annotations

from app.recovery.api import moves, recoveries
from app.recovery.api.blueprint import blueprint

__all__ = ["blueprint", "moves", "recoveries"]
