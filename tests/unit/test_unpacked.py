"""A backup is unpacked by every Python that Civis runs on, and only into its folder."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from app.backup.putting_back import _extract
from app.embedded.errors import EmbeddedError


def _packed(place: Path, name: str, kind: bytes = tarfile.REGTYPE) -> Path:
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, 3 if kind == tarfile.REGTYPE else 0
    member.linkname = "/etc" if kind == tarfile.SYMTYPE else ""
    with tarfile.open(place, "w") as packed:
        packed.addfile(member, io.BytesIO(b"one"))
    return place


_extractall = tarfile.TarFile.extractall


def _unfiltered(packed: tarfile.TarFile, path: Path) -> None:
    _extractall(packed, path)


@pytest.mark.parametrize("known", [True, False])
def test_a_file_comes_back(known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not known:  # before Python 3.11.4
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
        monkeypatch.setattr(tarfile.TarFile, "extractall", _unfiltered)
    folder = tmp_path / "data"
    folder.mkdir()
    _extract(_packed(tmp_path / "base.tar", "base/1"), folder)
    assert (folder / "base" / "1").read_bytes() == b"one"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../out", tarfile.REGTYPE), ("/out", tarfile.REGTYPE), ("pg_tblspc/1", tarfile.SYMTYPE)],
)
def test_nothing_goes_elsewhere(name: str, kind: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with pytest.raises(EmbeddedError, match="no file of a database"):
        _extract(_packed(tmp_path / "base.tar", name, kind), folder)
    assert list(folder.iterdir()) == []
