"""What a deed was worth stays so: a version of an action type never changes its meaning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.impact.canonical import hash_json

DATA = Path(__file__).parents[2] / "app/impact/data"
MEANING = ("number", "unit", "metrics", "baseline", "co2e")
# Eight signs of the hash of each entry's meaning. A line here is added, never changed: what means
# something else is the next version. A goal named beside changes no figure, and may be added.
KEPT = {
    "bike-trip 1": "26b5a4bc",
    "e-bike-trip 1": "ecde7dc3",
    "walk-trip 1": "cbb03803",
    "bus-trip 1": "7e74f577",
    "tram-trip 1": "d4c2dfe4",
    "carpool-trip 1": "eb91c0ac",
    "food-waste-compost 1": "8bdc7ef9",
    "glass-recycling 1": "cc7ed4a2",
    "paper-recycling 1": "56a3986f",
    "textile-collection 1": "805f36c1",
    "electrical-waste 1": "4034554b",
    "appliance-repair 1": "8e3b493e",
    "second-hand-garment 1": "c0446af5",
    "reusable-cup 1": "be22bb05",
    "litter-picking 1": "ee222f91",
    "repair-workshop 1": "cf5ca9e1",
    "climate-workshop 1": "84f485fb",
    "road-safety-course 1": "4074e96e",
    "public-meeting 1": "018a1f89",
    "water-saved 1": "29068d91",
    "rainwater-used 1": "adfa946f",
    "solar-electricity 1": "0d87df70",
    "surplus-food 1": "e197abfb",
    "woodland-planting 1": "48b81477",
    "metro-trip 1": "e9716502",
    "regional-train-trip 1": "ab845c3c",
    "suburban-train-trip 1": "436e9fee",
    "electric-bus-trip 1": "9ca20093",
    "carpool-trip-of-three 1": "158bb760",
    "carpool-trip-of-four 1": "d0b33c2a",
    "kick-scooter-trip 1": "320d53f3",
    "cargo-bike-trip 1": "1455ded7",
    "vegetarian-meal 1": "2b2f62a2",
    "vegan-meal 1": "58c5605e",
    "bottle-refill 1": "a5c89353",
    "plastic-bottle-recycling 1": "a3e01b36",
    "metal-packaging-recycling 1": "7abfdcc8",
    "cardboard-recycling 1": "91c79b6e",
    "food-waste-collection 1": "1842ceea",
    "garden-waste-compost 1": "7d197d9f",
    "hazardous-waste-drop-off 1": "cd27bbd1",
    "smartphone-repair 1": "90bed07c",
    "laptop-repair 1": "2be185ec",
    "washing-machine-repair 1": "710b40fa",
    "shoe-repair 1": "6dd995a7",
    "bicycle-repair 1": "a7593184",
    "second-hand-furniture 1": "b413bfe0",
    "electricity-saved 1": "a1b51baf",
    "gas-saved 1": "4a30e59d",
    "hedge-planting 1": "fa6a46a2",
    "nature-care 1": "6ead4639",
    "food-bank-hours 1": "0c33da58",
    "company-visit 1": "03b5a7d8",
}


def _meaning(entry: dict[str, Any]) -> str:
    links = [
        [link["code"], link["relation"]]
        for link in entry["indicators"]
        if link["relation"] != "goal-only"
    ]
    return hash_json({name: entry[name] for name in MEANING} | {"indicators": links}).hex()[:8]


def test_every_version_means_what_it_meant() -> None:
    entries = json.loads((DATA / "action_types.json").read_text())["action_types"]
    assert {f"{one['id']} {one['version']}": _meaning(one) for one in entries} == KEPT
