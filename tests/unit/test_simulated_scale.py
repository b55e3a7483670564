"""What the plan puts on the simulated city's scale, and that it stays far below the ceiling."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from app.actions.devices import check_measured
from app.demo.city import City, small_city, whole_city
from app.demo.scale import SITE, TYPE, is_weighed
from app.impact.catalogue import catalogue

DAY = date(2026, 11, 23)
FEWEST = 5  # people, or the public would never see a measured cell


@pytest.mark.parametrize("city", [whole_city(), small_city()], ids=["whole", "small"])
def test_most_of_the_markets_compost_is_weighed_and_some_shown_to_the_clerk(city: City) -> None:
    deeds = [
        deed
        for deed in city.deeds(DAY, catalogue())
        if (deed.attester, deed.action_type) == (SITE, TYPE)
    ]
    weighed = [deed for deed in deeds if is_weighed(deed)]
    assert len(deeds) > len(weighed) > len(deeds) / 2
    assert len({deed.citizen for deed in weighed}) >= FEWEST
    assert max(Counter(deed.at.date() for deed in weighed).values()) < 300 / 10


def test_nothing_else_is_weighed() -> None:
    others = [d for d in whole_city().deeds(DAY, catalogue()) if d.attester != SITE]
    assert not any(is_weighed(deed) for deed in others)


def test_its_kind_may_be_measured() -> None:
    assert check_measured(catalogue(), [TYPE, TYPE]) == [TYPE]
