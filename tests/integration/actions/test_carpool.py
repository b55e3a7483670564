"""A carpool programme from end to end: what the operator's file tells is what the rules pay by."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.actions.models import Action, RiderLink
from app.actions.told import NAMES
from app.identity.ages import AgeBand
from app.identity.models import Person
from app.rewards.language.action import Action as Looked
from app.rewards.language.lines import Line
from app.rewards.language.words import sentence
from app.rewards.models import Evaluation, RewardCounter
from app.services import Services
from tests.support.carpool import KIND, link, operator, replayed, row, rules, table
from tests.support.general_rules import limit
from tests.support.partner import Partner, actions

PAIR = limit(1, "pair", "day", "actions", 3)
CAR = limit(2, "trip", "always", "cents", 350)
OTHER = limit(3, "other", "month", "seats", 4)
RULES = rules(PAIR, CAR, OTHER)


@pytest.fixture
def partner(services: Services) -> Partner:
    return operator(services, RULES)


def send(partner: Partner, *rows: str) -> list[tuple[str, str | None]]:
    job = partner.send(table(*rows), action_type=KIND)
    assert (job.state, job.error) == ("done", None)
    return partner.results(job)


def cents(partner: Partner) -> list[int]:
    return [one.reward_cents for one in actions(partner)]


def words(action: Action, language: str = "en") -> list[str]:
    return [sentence(Line.from_json(line), language) for line in action.explanation]


def scopes(partner: Partner) -> dict[str, int]:
    with partner.services.database.session() as session:
        query = select(RewardCounter).where(col(RewardCounter.programme_id) == partner.programme_id)
        return {one.scope: one.actions for one in session.scalars(query)}


def test_every_name_that_a_deed_tells_is_the_language_s_own() -> None:
    assert set(NAMES) <= set(Looked.__dataclass_fields__)


def test_driver_and_passenger_share_a_pair_and_a_car(partner: Partner) -> None:
    driver, passenger = link(partner, "d-1", "p-1")
    found = send(
        partner,
        row(partner, "t1", "d-1", "p-1", 8, shared_trip_id="car-1", revenue_cents="150"),
        row(partner, "t2", "p-1", "d-1", 7.9, shared_trip_id="car-1"),
        row(partner, "t3", "d-1", "p-1", 6, shared_trip_id="car-1"),
        row(partner, "t4", "d-1", "p-1", 5, shared_trip_id="car-2"),
    )
    assert found == [("accepted", None)] * 4
    # 1.50 and 1.50 the first times; of the car's 3.50 half a euro is left; then the pair is full.
    assert cents(partner) == [150, 150, 50, 0]
    first, second, third, fourth = actions(partner)
    assert (first.other_id, second.other_id) == (passenger, driver)
    assert words(third)[-1] == (
        "3.00 tokens of 3.50 tokens for this trip in all were used already: −0.50 tokens."
    )
    assert words(fourth)[-1] == (
        "3 of 3 deeds for the two of you that day were used already: −1.00 token."
    )
    both = "+".join(sorted((str(driver), str(passenger))))
    assert scopes(partner)[f"pair:{both}"] == 3
    assert replayed(partner) == []


def test_a_contribution_under_the_minimum_is_refused_with_its_sentence(partner: Partner) -> None:
    link(partner, "d-1")
    send(partner, row(partner, "t1", "d-1", "p-9", 8, contribution_cents="99"))
    [one] = actions(partner)
    assert one.reward_cents == 0
    assert words(one) == ["What the other person paid (€0.99) is under the minimum of €1.00."]
    assert words(one, "fr") == [
        "Ce que l’autre personne a payé (0,99\xa0€), c’est moins que le minimum de 1,00\xa0€."
    ]
    assert replayed(partner) == []


def test_who_is_not_linked_counts_by_a_hash_and_is_never_named(partner: Partner) -> None:
    link(partner, "d-1", "d-2")
    rows = [
        row(partner, f"t{n}", f"d-{1 + n % 2}", "p-9", 9 - n, seats="2", shared_trip_id=f"c{n}")
        for n in range(3)
    ]
    send(partner, *rows)
    assert cents(partner) == [250, 250, 0]  # four seats of theirs a month
    told = [one.told for one in actions(partner)]
    [other] = {one["other"] for one in told}
    assert len({one["trip"] for one in told}) == 3
    assert [one.other_id for one in actions(partner)] == [None] * 3
    assert scopes(partner)[f"other:{other}"] == 4
    assert "p-9" not in str(told) + str(scopes(partner))
    assert replayed(partner) == []


def test_what_no_rule_asks_is_not_kept(partner: Partner) -> None:
    link(partner, "d-1")
    send(partner, row(partner, "t1", "d-1", "p-9", 8, revenue_cents="150", shared_trip_id="car-1"))
    [one] = actions(partner)
    assert one.told.keys() == {
        *("seats", "contribution_cents", "proof_class", "start", "end", "other", "trip")
    }
    assert (one.told["start"], one.told["end"]) == (
        {"com": "34172", "epci": "243400017"},
        {"com": "34337"},
    )


def test_a_corrected_passenger_frees_the_first_pair_and_fills_the_other(partner: Partner) -> None:
    driver, first, second = link(partner, "d-1", "p-1", "p-2")
    send(partner, row(partner, "t1", "d-1", "p-1", 8))
    found = send(partner, row(partner, "t1", "d-1", "p-2", 8, seats="2"))
    assert found == [("replaced", None)]
    assert cents(partner) == [250]  # the first of its kind still
    pairs = {
        "pair:" + "+".join(sorted((str(driver), str(one)))): n
        for one, n in ((first, 0), (second, 1))
    }
    assert scopes(partner).items() >= pairs.items()
    assert replayed(partner) == []


def test_who_shared_it_is_asked_for_their_age_and_counts_only_while_they_agree(
    services: Services, partner: Partner
) -> None:
    _, minor = link(partner, "d-1", "p-1")
    with services.database.transaction() as session:
        session.get_one(Person, minor).age_band = AgeBand.FROM_15_TO_17
    send(partner, row(partner, "t1", "d-1", "p-1", 8))
    with services.database.transaction() as session:
        for one in session.scalars(select(RiderLink).where(col(RiderLink.person_id) == minor)):
            one.revoked_at = partner.now
    send(partner, row(partner, "t2", "d-1", "p-1", 6))
    # Then nobody is known of whom it could be asked, and it is the first that is worth something.
    assert cents(partner) == [0, 150]
    assert [one.other_id for one in actions(partner)] == [minor, None]
    with services.database.session() as session:
        kept = session.scalars(
            select(Evaluation)
            .where(col(Evaluation.programme_id) == partner.programme_id)
            .order_by(col(Evaluation.number))
        ).all()
        assert [one.facts.get("other_adult") for one in kept] == [False, None]
    assert replayed(partner) == []
