"""Routes under /api/v1 of a programme's end, and of the money that goes back to its funder."""

from __future__ import annotations

from app.endings.api import ending, giving_back
from app.endings.api.blueprint import blueprint

__all__ = ["blueprint", "ending", "giving_back"]
