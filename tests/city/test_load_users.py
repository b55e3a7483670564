"""Each user of the load run takes its journey once, on paths that openapi.json names."""

from __future__ import annotations

from random import Random
from typing import Any

import httpx
import pytest

from load.journeys import JOURNEYS, Caller
from load.seeds import Seeds, make_seeds
from tests.support.system import System

PROOF = {
    "citizen": ("POST", "/api/v1/actions"),
    "attester": ("POST", "/api/v1/attestations"),
    "merchant": ("POST", "/api/v1/payments/{payment_id}/acceptance"),
    "reader": ("GET", "/api/v1/programmes/{programme_id}/possible-actions"),
}


@pytest.fixture(scope="module")
def seeds(city: System) -> Seeds:
    return make_seeds(city.settings)


@pytest.mark.parametrize("journey", sorted(JOURNEYS))
def test_a_journey_is_welcome_at_every_step(city: System, seeds: Seeds, journey: str) -> None:
    sent: list[tuple[str, str]] = []
    with httpx.Client(base_url=city.url, timeout=60) as client:
        known = client.get("/api/v1/openapi.json").raise_for_status().json()["paths"]

        def send(method: str, path: str, template: str, body: Any, headers: dict[str, str]) -> Any:
            sent.append((method, template))
            assert method.lower() in known.get(template, {}), f"{method} {template}"
            answer = client.request(method, path, json=body, headers=headers)
            assert answer.status_code < 300, answer.text
            return answer.json() if answer.content else None

        JOURNEYS[journey](Caller(send), seeds, Random(1))  # noqa: S311 - a choice of deeds
    assert PROOF[journey] in sent
