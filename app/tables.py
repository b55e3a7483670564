"""Every table of the house, so that migrations and tests see all of them.

Imported by `app.migrations` and tests only: a part of the house imports its own models.
"""

from __future__ import annotations

import app.actions.models
import app.chain.models
import app.clock
import app.identity.models
import app.mail_models
import app.merchants.models
import app.outbox.models
import app.privacy.models
import app.reporting.models
import app.rewards.models  # noqa: F401
from app.db import metadata

__all__ = ["metadata"]
