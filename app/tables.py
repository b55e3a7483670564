"""Every table of the house, so that migrations and tests see all of them.

Tables live in modules named `models` or `*_models`, and in `app.clock`. Imported by
`app.migrations` and tests only: a part of the house imports its own models.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import app.clock  # noqa: F401 - its table
from app.db import metadata

__all__ = ["metadata"]

_APP = Path(__file__).parent
for _path in sorted(_APP.rglob("*models.py")):
    if _path.stem == "models" or _path.stem.endswith("_models"):
        import_module(".".join(("app", *_path.relative_to(_APP).with_suffix("").parts)))
