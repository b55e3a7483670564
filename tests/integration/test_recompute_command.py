"""`civis impact recompute` from outside, on an installation's own figures: nothing is changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.config import DatabaseRole
from app.services import Services
from load.dashboard import cells, publish

DATA = Path(__file__).parents[2] / "app/impact/data"
FACTORS = json.loads((DATA / "factors.json").read_text("utf-8"))
TYPES = json.loads((DATA / "action_types.json").read_text("utf-8"))["action_types"]


def recompute(services: Services, factor_set: Path) -> Any:
    settings = services.settings
    given = {
        "CIVIS_HOME": str(settings.home),
        "CHAIN_RPC_URLS": "http://127.0.0.1:9",
        "PUBLIC_URL": "https://civis.example",
        DatabaseRole.APP.variable: settings.database_url(DatabaseRole.APP),
    }
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "impact", "recompute", "--as-if", str(factor_set),
         "--json"],
        env=os.environ | given, check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_hand(values: dict[str, int]) -> dict[str, int]:
    """Micrograms of each kind of deed that the cells hold, by the files alone."""
    sums: Counter[str] = Counter()
    found = {}
    for cell in cells():
        sums.update({f"{cell['action_type_id']} {name}": amount
                     for name, amount in cell["metrics"].items()})  # fmt: skip
    for kind in TYPES:
        if rule := kind["co2e"]:
            gain = values[rule["baseline_factor"]]
            gain -= values[rule["action_factor"]] if rule["action_factor"] else 0
            found[kind["id"]] = gain * sums[f"{kind['id']} {rule['metric']}"]
    return found


def test_this_installations_figures_by_other_factors(services: Services, tmp_path: Path) -> None:
    """A car that emits a tenth less: whatever is set against it gains less, and nothing else."""
    publish(services)
    today = {one["id"]: one["micrograms_per_unit"] for one in FACTORS["factors"]}
    other = json.loads(json.dumps(FACTORS))
    for one in other["factors"]:
        if one["id"] == "car-alone":
            one["micrograms_per_unit"], one["version"] = 128_028, "a tenth less"
    path = tmp_path / "factors.json"
    path.write_text(json.dumps(other), "utf-8")
    with services.database.session() as session:
        everything = text("select md5(string_agg(f::text, ',' order by f::text))"
                          " from published_figure f")  # fmt: skip
        before = session.scalar(everything)
    found = recompute(services, path)
    with services.database.session() as session:
        assert session.scalar(everything) == before
    kinds = {row["action_type"]: row for row in found["kinds"]}
    assert len(kinds) == len(TYPES)
    for name, values in (("today_g", today), ("as_if_g", today | {"car-alone": 128_028})):
        exact = by_hand(values)
        assert {kind: row[name] for kind, row in kinds.items() if row[name] is not None} == {
            kind: round(micrograms, -6) // 10**6 for kind, micrograms in exact.items()
        }
        assert found["all"][name] == round(sum(exact.values()), -6) // 10**6
    moved = {kind for kind, row in kinds.items() if row["difference_g"]}
    rules = {kind["id"]: kind["co2e"] or {} for kind in TYPES}
    assert moved == {
        kind for kind, rule in rules.items() if rule.get("baseline_factor") == "car-alone"
    }
