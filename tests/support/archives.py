"""Archives of public figures that somebody has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.reporting.audit.archive_files import SUMS

Files = dict[str, Any]


def content_changed(folder: Path, change: Callable[[Files], None]) -> None:
    """What is JSON as such, the table as text."""
    files = {path.name: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    files["figures.csv"] = (folder / "figures.csv").read_text("utf-8")
    change(files)
    for name, content in files.items():
        text = json.dumps(content) if name.endswith("json") else content
        (folder / name).write_text(text, "utf-8")


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


def more_in_the_table(files: Files) -> None:
    """Of the first figure, five million deeds."""
    head, first, *rest = files["figures.csv"].splitlines(keepends=True)
    cells = first.split(",")
    cells[head.split(",").index("actions")] = "5000000"
    files["figures.csv"] = "".join([head, ",".join(cells), *rest])


def other_state(files: Files) -> None:
    files["programmes.json"]["programmes"][0]["state"] = "running"


def other_closing(files: Files) -> None:
    files["programmes.json"]["programmes"][0]["closed_at"] = "1999-01-01T00:00:00+00:00"


def other_last_day(files: Files) -> None:
    files["programmes.json"]["programmes"][0]["published_last_day_to_spend"] = "2099-01-01"


def shorter_notice(files: Files) -> None:
    """Announced for a day before the one that was published."""
    files["programmes.json"]["programmes"][0]["last_day_to_spend"] = "1999-01-01"


def invented_season(files: Files) -> None:
    [programme] = files["programmes.json"]["programmes"]
    nothing: Files = {"fundings": [], "returns": [], "rule_sets": []}
    made = programme | nothing | {"id": "0x" + "ab" * 32}
    files["programmes.json"]["programmes"].append(made)


def other_time(files: Files) -> None:
    """Of the block that the figures are of."""
    files["figures.json"]["as_of"]["time"] = "2099-01-01T00:00:00+00:00"


def other_last_block(files: Files) -> None:
    files["programmes.json"]["block"] += 1
