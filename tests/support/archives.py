"""Archives of public figures that somebody has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.reporting.audit.archive import SUMS

Files = dict[str, Any]


def content_changed(folder: Path, change: Callable[[Files], None]) -> None:
    files = {path.name: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    change(files)
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), "utf-8")


def summed_anew(folder: Path) -> None:
    """So that the sums fit what was changed."""
    names = [line.partition("  ")[2] for line in (folder / SUMS).read_text("ascii").splitlines()]
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    lines = "".join(f"{digest}  {name}\n" for name, digest in digests.items())
    (folder / SUMS).write_text(lines, "ascii")


def more_actions(files: Files) -> None:
    files["figures.json"]["figures"][0]["actions"] += 1


def more_money(files: Files) -> None:
    files["programmes.json"]["programmes"][0]["fundings"][0]["amount_cents"] += 1


def other_rules(files: Files) -> None:
    files["programmes.json"]["programmes"][0]["rule_sets"][0]["rules"]["max_age_days"] += 1


def more_rules(files: Files) -> None:
    """A version that the chain never heard of."""
    [programme] = files["programmes.json"]["programmes"]
    programme["rule_sets"].append(programme["rule_sets"][0] | {"version": 9})


def other_events(files: Files) -> None:
    """The last cell is withheld."""
    for _method, _params, answer in files["chain.json"]["asked"]:
        if isinstance(answer, list) and len(answer) > 2:
            del answer[-1]


def other_block(files: Files) -> None:
    """Consistent, and of another chain: a node alone can say so."""
    for method, params, answer in files["chain.json"]["asked"]:
        if method == "eth_getBlockByNumber" and params[0] != "0x0":
            answer["hash"] = "0x" + "00" * 32
