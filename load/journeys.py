"""What each kind of user does on a real journey, by nothing but the API's paths.

A journey is handed `call(method, path, name, body)`, which sends with the user's own token and
raises on any answer but the one expected; so locust and a test run the very same steps.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

from app.config import Settings

Call = Callable[..., Any]
SEEDS = "load_users.json"


@dataclass(frozen=True)
class Seeds:
    """Who the users are: tokens, a clerk's key, presence secrets; written by `load.seeds`."""

    programme_id: str
    citizens: list[dict[str, str]]
    clerks: list[dict[str, str]]
    merchant: str
    now_ahead: float

    @classmethod
    def read(cls, settings: Settings) -> Seeds:
        return cls(**json.loads((settings.home / SEEDS).read_text("utf-8")))
