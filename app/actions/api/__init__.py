"""Routes under /api/v1 of deeds, attestations, reviews and imports.

The edge ties together what lies above and below: these modules may import rewards.
"""

from __future__ import annotations

from app.actions.api import attestations, deeds, devices, imports, keys, links, reviews
from app.actions.api.blueprint import blueprint

__all__ = ["attestations", "blueprint", "deeds", "devices", "imports", "keys", "links", "reviews"]
