"""For which contract attesters' statements are signed: read from the deployment's record."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from app.chain import typed
from app.errors import Problem, define

define(
    "chain-not-ready",
    503,
    en=("The contracts are not deployed yet", "Nothing was recorded.", "Try again in a minute."),
    fr=(
        "Les contrats ne sont pas encore déployés",
        "Rien n’a été enregistré.",
        "Réessayez dans une minute.",
    ),
)


def attesters_domain(deployment_file: Path) -> typed.Domain:
    """Raises Problem chain-not-ready."""
    if not deployment_file.exists():
        raise Problem("chain-not-ready")
    return _read(deployment_file, deployment_file.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(deployment_file: Path, _changed: int) -> typed.Domain:
    stored = json.loads(deployment_file.read_text("utf-8"))
    return typed.Domain(
        name=typed.ATTESTERS,
        chain_id=int(stored["chain_id"]),
        contract=stored["attesters"],
        salt=bytes.fromhex(stored["genesis_hash"].removeprefix("0x")),
    )
