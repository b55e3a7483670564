"""What a restored database must not have to guess: each batch's actions, outside of it.

A file holds ids and leaves only: without the database and its keys it says nothing about anybody.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from app.actions.models import Action
from app.keyfiles import sync_folder
from app.rewards.models import Batch


def write_artefact(
    folder: Path, batch: Batch, actions: Sequence[Action], leaves: Sequence[bytes]
) -> Path:
    """On disk for certain when this returns; written again, it is the same file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = {
        "batch": "0x" + batch.id.hex(),
        "root": "0x" + batch.root.hex(),
        "actions": [
            [str(action.id), "0x" + leaf.hex()]
            for action, leaf in zip(actions, leaves, strict=True)
        ],
    }
    target = folder / batch.artefact
    draft = target.with_suffix(".draft")
    with draft.open("w", encoding="ascii") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    sync_folder(folder)
    return target
