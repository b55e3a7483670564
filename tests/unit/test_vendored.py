"""What the pages vendor is what the manifest says, of the versions that the lock names."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

WEB = Path(__file__).parents[2] / "app" / "web"
SERVED = WEB / "static" / "vendor"
MANIFEST = json.loads((SERVED / "manifest.json").read_text(encoding="utf-8"))
LOCK = json.loads((WEB / "vendor" / "package-lock.json").read_text(encoding="utf-8"))["packages"]


def test_every_file_has_its_hash() -> None:
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in SERVED.glob("*.js")}
    assert found == {name: said["sha256"] for name, said in MANIFEST.items()}


def test_every_package_is_locked_and_under_its_licence() -> None:
    used = [one for said in MANIFEST.values() for one in said["packages"]]
    assert {one["name"] for one in used} == set(LOCK[""]["dependencies"])
    for one in used:
        locked = LOCK[f"node_modules/{one['name']}"]
        said = {name: locked[name] for name in ("version", "integrity")}
        assert one == {"name": one["name"], **said, "licence": locked["license"]}
