"""Stations, badges and shifts: who opens one, what ends it, and what guessing comes to."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import NotFound, Problem
from app.identity import service as identity
from app.identity.models import IdentityLevel, OrganisationKind, Role, SignInSession
from app.identity.roles import end_role
from app.identity.stations import badges, shifts
from app.identity.stations import service as stations
from app.identity.stations.models import Badge, Station
from app.identity.stations.shifts import Typed
from app.mail_models import OutgoingMail
from app.privacy.service import open_for_service
from app.services import Services

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PIN = "2580"


@dataclass
class Work:
    """A shop with an administrator and two workers, each with a badge, and one station."""

    db: Session

    def __post_init__(self) -> None:
        slug = uuid4().hex[:20]
        self.shop = identity.create_organisation(
            self.db, slug=slug, kind=OrganisationKind.MERCHANT, name="Boulangerie", now=NOW
        ).id
        self.admin, self.one, self.other = (self.worker() for _ in range(3))
        self.station = self.enrol("Till by the door")
        self.badge, self.others = (self.made(who) for who in (self.one, self.other))

    def worker(self, role: Role = Role.MERCHANT) -> UUID:
        person = identity.register_person(
            self.db, f"{uuid4().hex}@shop.example", level=IdentityLevel.CONTACT, now=NOW
        )
        self.grant = identity.grant_role(
            self.db, person_id=person.id, role=role, organisation_id=self.shop, now=NOW
        )
        return person.id

    def enrol(self, name: str) -> Station:
        row, self.token = stations.enrol(self.db, self.shop, name=name, by=self.admin, now=NOW)
        return row

    def made(self, person: UUID, pin: str = PIN) -> badges.Made:
        return badges.make_badge(self.db, person, self.shop, pin, NOW)

    def open(self, typed: Typed, at: datetime = NOW) -> SignInSession:
        token = shifts.open_shift(self.db, self.station.id, typed, at)
        found = identity.find_session(self.db, token, at)
        assert found is not None
        return found

    def refused(self, typed: Typed, at: datetime = NOW) -> str:
        with pytest.raises(Problem) as caught:
            shifts.open_shift(self.db, self.station.id, typed, at)
        assert caught.value.keep == (caught.value.code != "station-unknown"), "the try is counted"
        return caught.value.code

    def by_pin(self, pin: str = PIN) -> Typed:
        return Typed(number=str(self.badge.row.number), pin=pin)

    def live(self, shift: SignInSession) -> bool:
        self.db.refresh(shift)
        return shift.ended_at is None

    def letters(self, words: str) -> set[str]:
        rows = self.db.scalars(select(OutgoingMail).order_by(col(OutgoingMail.id)))
        read = [
            json.loads(open_for_service(self.db, "mail", one.sealed, one.id.bytes)) for one in rows
        ]
        return {one["to"] for one in read if words in one["subject"]}


@pytest.fixture
def work(db: Session) -> Work:
    return Work(db)


def test_a_badge_or_number_and_pin_open_their_person_s_shift(work: Work) -> None:
    by_badge = work.open(Typed(badge=work.badge.badge.lower().replace("-", " ")))
    assert (by_badge.person_id, by_badge.station_id) == (work.one, work.station.id)
    assert (by_badge.kind, by_badge.passkey_id, by_badge.proved_at) == ("shift", None, None)
    assert work.open(work.by_pin()).person_id == work.one


def test_neither_pin_nor_badge_is_stored(work: Work) -> None:
    stored = b"".join(
        value for value in work.badge.row.model_dump().values() if isinstance(value, bytes)
    )
    plain = work.badge.badge.replace("-", "")
    assert PIN.encode() not in stored
    assert plain.encode() not in stored
    assert badges.badge_hash(work.db, plain) == work.badge.row.badge_hash
    again = work.made(work.one)
    assert again.row.pin_hash != work.badge.row.pin_hash, "salted"


def test_another_s_shift_and_the_day_s_end_close_it(work: Work) -> None:
    first = work.open(work.by_pin())
    second = work.open(Typed(badge=work.others.badge))
    assert [work.live(one) for one in (first, second)] == [False, True]
    assert second.expires_at == NOW + timedelta(hours=12)


def test_ten_idle_minutes_close_it(work: Work) -> None:
    token = shifts.open_shift(work.db, work.station.id, Typed(badge=work.badge.badge), NOW)
    late = NOW + timedelta(minutes=10)
    assert identity.find_session(work.db, token, late) is None
    assert identity.sessions_of(work.db, work.one, late) == []
    [seen] = stations.stations_at(work.db, work.shop, late)
    assert seen.open_by is None
    before = late - timedelta(seconds=1)
    assert [seen.open_by for seen in stations.stations_at(work.db, work.shop, before)] == [work.one]
    assert identity.find_session(work.db, token, before)


@pytest.mark.parametrize(
    "typed",
    [
        {"badge": "2345-6789-ABCD-EFGH"},
        {"badge": "nothing"},
        {"number": "1000", "pin": PIN},
        {"number": "²", "pin": PIN},
        {"number": "", "pin": ""},
        {},
    ],
)
def test_what_nobody_has_opens_nothing(work: Work, typed: dict[str, str]) -> None:
    assert work.refused(Typed(**typed)) == "shift-refused"
    assert work.station.wrong_tries == 1


def test_five_wrong_pins_lock_it_and_are_told_until_its_person_chooses_another(work: Work) -> None:
    work.open(work.by_pin())
    for _ in range(badges.PIN_TRIES):
        assert work.refused(work.by_pin("1470")) == "shift-refused"
    assert work.refused(work.by_pin()) == "shift-refused", "the right one too"
    told = work.letters("bloqué")
    assert len(told) == 3, "all who administer the shop, whose PIN it is among them"
    work.open(Typed(badge=work.badge.badge))
    assert work.refused(work.by_pin()) == "shift-refused", "a badge unlocks no PIN"
    work.badge = work.made(work.one, "1470")
    assert work.open(work.by_pin("1470")).person_id == work.one


def test_a_pin_tried_on_everybody_pauses_the_station_and_is_told(work: Work) -> None:
    for number in range(shifts.STATION_TRIES):
        assert work.refused(Typed(number=str(number), pin=PIN)) == "shift-refused"
    assert work.refused(work.by_pin()) == "station-paused"
    assert work.refused(Typed(badge=work.badge.badge)) == "station-paused"
    assert len(work.letters("Des essais faux")) == 3
    assert work.open(work.by_pin(), NOW + shifts.PAUSE).person_id == work.one


def test_guesses_at_once_are_counted_one_by_one(services: Services) -> None:
    with services.database.transaction() as session:
        work = Work(session)
        station, number = work.station.id, str(work.badge.row.number)

    def guess(at: int) -> str:
        with services.database.session() as own:
            try:
                shifts.open_shift(own, station, Typed(number=number, pin=f"14{at:02}"), NOW)
            except Problem as problem:
                own.commit()
                return problem.code
        return "opened"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(guess, range(shifts.STATION_TRIES + 2)))
    assert sorted(said) == ["shift-refused"] * shifts.STATION_TRIES + ["station-paused"] * 2


def test_an_ended_station_closes_its_shift_and_opens_none(work: Work) -> None:
    shift = work.open(work.by_pin())
    with pytest.raises(NotFound):
        stations.end_station(work.db, work.station.id, uuid4(), by=work.admin, now=NOW)
    assert work.live(shift)
    stations.end_station(work.db, work.station.id, work.shop, by=work.admin, now=NOW)
    assert not work.live(shift)
    assert stations.station_of(work.db, work.token) is None
    assert work.refused(work.by_pin()) == "station-unknown"


@pytest.mark.parametrize("whose", ["person_id", "organisation_id"])
def test_an_ended_badge_closes_its_shift_and_opens_none(work: Work, whose: str) -> None:
    shift = work.open(Typed(badge=work.badge.badge))
    row = work.badge.row
    with pytest.raises(NotFound):
        badges.end_badge(work.db, row.id, NOW, **{whose: uuid4()})
    badges.end_badge(work.db, row.id, NOW, **{whose: getattr(row, whose)})
    assert not work.live(shift)
    assert work.refused(Typed(badge=work.badge.badge)) == "shift-refused"
    assert work.refused(work.by_pin()) == "shift-refused"


def test_a_badge_is_worth_one_organisation_and_the_role_there(work: Work) -> None:
    elsewhere = Work(work.db)
    assert elsewhere.refused(Typed(badge=work.badge.badge)) == "shift-refused"
    gone = work.worker()
    badge = work.made(gone)
    end_role(work.db, work.grant.id, by=None, now=NOW)
    assert work.refused(Typed(badge=badge.badge)) == "shift-refused"
    for person in (gone, elsewhere.one):
        with pytest.raises(Problem, match="badge-no-work"):
            work.made(person)


@pytest.mark.parametrize(("pin", "code"), [("12", "pin-wrong-form"), ("1234", "pin-easy")])
def test_a_poor_pin_is_refused_and_the_earlier_badge_stays(work: Work, pin: str, code: str) -> None:
    with pytest.raises(Problem, match=code):
        work.made(work.one, pin)
    assert work.open(work.by_pin()).person_id == work.one


def test_short_numbers_differ_and_are_free_again(work: Work) -> None:
    numbers = {row.number for row in badges.badges_at(work.db, work.shop)}
    assert len(numbers) == 2
    work.made(work.one)
    ended = select(Badge).where(col(Badge.person_id) == work.one, col(Badge.ended_at).is_(None))
    assert len(work.db.scalars(ended).all()) == 1


def test_a_closed_account_leaves_no_badge(work: Work) -> None:
    identity.close_person(work.db, work.one, NOW)
    assert work.db.scalars(select(Badge).where(col(Badge.person_id) == work.one)).all() == []
    assert work.refused(Typed(badge=work.badge.badge)) == "shift-refused"
