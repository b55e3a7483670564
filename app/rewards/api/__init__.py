"""Routes under /api/v1 of programmes, their money, and a citizen's balance."""

from __future__ import annotations

from app.rewards.api import balance, budget, funding, outside, programmes
from app.rewards.api.blueprint import blueprint

__all__ = ["balance", "blueprint", "budget", "funding", "outside", "programmes"]
