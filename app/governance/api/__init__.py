"""Routes under /api/v1 of decisions of two, roles and emergency access."""

from __future__ import annotations

from app.governance.api import decisions, emergencies
from app.governance.api.blueprint import blueprint

__all__ = ["blueprint", "decisions", "emergencies"]
