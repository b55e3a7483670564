"""The tables of the impact assessment (GDPR, article 35), beside what the code knows.

Judgements are in app/privacy/data/impact.json, by the register's kinds of data and recipients and
by table; sealed columns and ends come from the tables and the retention job. Each kind and each
recipient must have its judgement, no judgement a table that does not exist, and each table its end:
KeyError.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from app.privacy.notices import purposes, register
from app.rights.register import UNKNOWN, ends, is_sealed, marked, rows_of

_NECESSITY = ("What is recorded", "Data of the register", "For", "Tables, and until when", "Sealed",
              "Why less would not do", "How it is kept small")  # fmt: skip
_RISKS = ("Who", "In the register", "Could learn or do", "Stands against it", "What remains")


def assessment_data() -> dict[str, list[dict[str, Any]]]:
    judged = json.loads(files("app.privacy").joinpath("data/impact.json").read_text("utf-8"))
    necessity, risks = judged["necessity"], judged["risks"]
    _check_all(register()["data"], {kind for row in necessity for kind in row["data"]})
    _check_all(register()["recipients"], {row["recipient"] for row in risks if "recipient" in row})
    return {"necessity": [*map(_needed, necessity)], "risks": [*map(_risk, risks)]}


def assessment_text() -> str:
    found = assessment_data()
    needed = [
        (one["what"], ", ".join(one["data"]), ", ".join(one["for"]),
         "; ".join(f"`{name}`: {until}" for name, until in one["tables"].items()),
         marked(one["sealed"]), one["why"], one["small"])
        for one in found["necessity"]
    ]  # fmt: skip
    risks = [
        (one["who"], one["recipient"] or "–", one["could"], one["against"], one["remains"])
        for one in found["risks"]
    ]
    lines = ["# Tables of the impact assessment", "", "## Necessity", ""]
    lines += [*rows_of(_NECESSITY, needed), "", "## Risks", "", *rows_of(_RISKS, risks), ""]
    return "\n".join(lines)


def _check_all(known: dict[str, Any], judged: set[str]) -> None:
    """Raises KeyError."""
    if different := known.keys() ^ judged:
        raise KeyError(f"without a judgement, or unknown: {sorted(different)}")


def _needed(row: dict[str, Any]) -> dict[str, Any]:
    # Needs every model, as the map does.
    from app.tables import metadata  # noqa: PLC0415

    tables = [metadata.tables[name] for name in row["tables"]]
    kinds = register()["data"]
    return row | {
        "data": [kinds[kind]["en"] for kind in row["data"]],
        "for": [
            one.texts["en"]["title"] for one in purposes().values() if {*one.data} & {*row["data"]}
        ],
        "tables": {name: _until(name) for name in row["tables"]},
        "sealed": [f"{one.name}.{c.name}" for one in tables for c in one.columns if is_sealed(c)],
    }


def _until(table: str) -> str:
    if (said := ends(table)) == UNKNOWN:
        raise KeyError(f"no end is known of {table}: app.rights.kept, app.privacy.retention")
    return said


def _risk(row: dict[str, str]) -> dict[str, Any]:
    named = register()["recipients"]
    return row | {"recipient": named[row["recipient"]]["en"] if "recipient" in row else None}
