"""The plan of the simulated city: the same each time, honest about being one, and lively."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime

import pytest

from app.demo.city import ZONE, City, small_city, whole_city
from app.demo.organisations import simulated_iban
from app.demo.partner_file import BIKES, BUSES, File, simulated_file
from app.impact.catalogue import catalogue
from app.merchants.bank import parse_iban

DAY = date(2026, 11, 23)


def test_the_same_day_gives_the_same_city() -> None:
    first, second = (list(whole_city().deeds(DAY, catalogue())) for _ in range(2))
    assert first == second
    assert first != list(whole_city().deeds(date(2026, 11, 30), catalogue()))


def test_there_are_31_shops_in_six_districts_and_the_bakery_is_first() -> None:
    city = whole_city()
    assert len(city.shops) == 31
    assert city.shops[0].name.startswith("Boulangerie")
    assert {shop.district for shop in city.shops} == set(city.districts)
    assert len(city.districts) == 6


def test_one_district_has_nothing_done_in_it() -> None:
    city = whole_city()
    active = {place.district for place in city.attesters}
    assert len(set(city.districts) - active) == 1


def test_seeding_brings_more_than_two_thousand_actions_of_many_kinds() -> None:
    deeds = list(whole_city().deeds(DAY, catalogue()))
    assert len(deeds) + BIKES.linked + BUSES.linked > 2000
    kinds = {deed.action_type for deed in deeds}
    assert len(kinds) >= 8
    touched = {link.code for kind in kinds for link in catalogue().action_type(kind).indicators}
    offered = {link.code for kind in catalogue().action_types() for link in kind.indicators}
    assert touched == offered


@pytest.mark.parametrize("city", [whole_city(), small_city()], ids=["whole", "small"])
def test_every_deed_can_be_recorded(city: City) -> None:
    places = {place.slug: place for place in city.attesters}
    for deed in city.deeds(DAY, catalogue()):
        place, there = places[deed.attester], deed.at.astimezone(ZONE)
        assert 1 <= deed.quantity <= catalogue().action_type(deed.action_type).quantity_max
        assert place.opens <= there.hour < place.closes
        assert there.date() < DAY
        assert deed.at.tzinfo is UTC


def test_no_deed_is_planned_twice_in_a_minute() -> None:
    """P2 would refuse the second; the seed must not stumble over itself."""
    keys = Counter(
        (deed.citizen, deed.action_type, deed.at) for deed in whole_city().deeds(DAY, catalogue())
    )
    assert max(keys.values()) == 1


def test_weekends_differ_from_weekdays() -> None:
    by_place: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for deed in whole_city().deeds(DAY, catalogue()):
        by_place[deed.attester][deed.at.astimezone(ZONE).weekday() >= 5] += 1
    market, counter = by_place["market-compost"], by_place["mobility-counter"]
    assert market[True] / market[False] > counter[True] / counter[False]


def test_nobody_is_named() -> None:
    assert all(re.fullmatch(r"citizen(-\d+)?", one.local) for one in whole_city().citizens)


def test_simulated_accounts_are_well_formed_and_of_no_bank() -> None:
    ibans = {simulated_iban(number) for number in range(1, 32)}
    assert len(ibans) == 31
    assert all(parse_iban(iban) == iban and iban[4:9] == "99999" for iban in ibans)


@pytest.mark.parametrize("file", [BIKES, BUSES], ids=["bikes", "buses"])
def test_a_partners_file_has_every_kind_of_row(file: File) -> None:
    lines = simulated_file(file, datetime(2026, 11, 23, 12, tzinfo=UTC), 40).splitlines()
    assert len(lines) == 1 + file.linked + file.unlinked + file.unnamed + 4
    assert sum(",rider-" in line for line in lines) == file.linked + 4
    assert sum(",guest-" in line for line in lines) == file.unlinked
