"""What is written is there after a power cut: the file, and each folder that was made for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.keyfiles import write_private


def test_every_folder_that_was_made_is_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []

    def fsync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())

    monkeypatch.setattr(os, "fsync", fsync)
    first = tmp_path / "transactions" / "0xab" / "0.json"
    write_private(first, "{}")
    *made, draft, folder = synced
    assert made == [tmp_path, tmp_path / "transactions"], "from above: no name before its folder's"
    assert (draft.parent, folder) == (first.parent, first.parent)
    synced.clear()
    write_private(first.with_name("1.json"), "{}")
    assert len(synced) == 2, "nothing else is new"
