"""How many people are there: a quiet morning, a full noon, an evening, within a minute."""

from __future__ import annotations

import os

SECONDS = int(os.environ.get("LOAD_SECONDS", "60"))  # a test's are few
STAGES = ((SECONDS / 6, 6), (SECONDS * 5 / 6, 18), (SECONDS, 8))  # until then, so many users
