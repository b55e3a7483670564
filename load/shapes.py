"""How many people are there: a quiet morning, a full noon, an evening, within a minute."""

from __future__ import annotations

SECONDS = 60
STAGES = ((10, 6), (50, 18), (SECONDS, 8))  # until this second, so many users
