"""Public figures as CSV. Pure: the audit of an archive makes it anew from the chain's figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from app.impact.catalogue import Catalogue
from app.impact.entries import METRICS

ESTIMATE_FIELDS = ("central_g", "low_g", "high_g", "attribution", "range")
CSV_FIELDS = (
    "id", "month", "action_type", "action_type_version", "proof_level", "provenance", "actions",
    "reward_cents", *METRICS, "co2e_central_g", "co2e_low_g", "co2e_high_g",
    "co2e_attribution", "co2e_range", "factors", "source",
    "indicators", "block", "held_cents", "holders", "record",
)  # fmt: skip


def as_csv(
    figures: Sequence[Mapping[str, Any]],
    catalogue: Catalogue,
    records: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The figures as CSV, a line each, with the fields of the JSON; columns end with their unit.

    `factors` are those behind the estimate, with their versions; `source` is where these come from.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_FIELDS, lineterminator="\n")
    writer.writeheader()
    for figure in figures:
        estimate = figure["co2e"] or {}
        row = {name: figure[name] for name in CSV_FIELDS if name in figure}
        row |= figure["metrics"]
        row |= {f"co2e_{name}": estimate.get(name) for name in ESTIMATE_FIELDS}
        used = [catalogue.factor(name) for name in estimate.get("factors", ())]
        sources = {f"{factor.source.dataset} {factor.version}" for factor in used}
        names = " ".join(factor.full_name for factor in used)
        row |= {"factors": names, "source": "; ".join(sorted(sources))}
        row["indicators"] = " ".join(link["code"] for link in figure["indicators"])
        writer.writerow(row)
    for record in records:
        writer.writerow(
            {name: record[name] for name in CSV_FIELDS if name in record}
            | {"record": record["text"]}
        )
    return out.getvalue()
