"""Simulated deeds, each by the way that a real one takes: visit, statement, signature, record.

The history is recorded as of the days on which it would have happened: every use case is handed
that instant. Nothing is recorded twice, so it can be broken off and taken up again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions import review
from app.actions.attestation import Signed, deed_of, draft, open_visit, record_by_attester
from app.actions.models import Action, ActionState, Appeal, AttesterKey
from app.actions.recording import Deed, Doer, record_by_citizen
from app.actions.telling import Telling
from app.actions.timetable import Terms
from app.demo.city import SEED, ZONE, Place, PlannedDeed
from app.demo.organisations import clerk_address, clerk_key
from app.demo.scale import Scale, is_weighed
from app.demo.world import World
from app.identity import service as identity
from app.identity.models import Organisation, Person
from app.rewards import letters
from app.rewards.models import Programme
from app.rewards.valuing.authenticate import Money
from app.rewards.valuing.terms import terms_of

CHUNK = 300
DECLARED, REFUSED = 0.04, 0.015  # shares of the citizen's own word, and of the officer's no
REASONS = ("entered-by-mistake", "not-plausible", "outside-the-rules")
APPEAL = "J’ai bien fait ce geste ce jour-là, l’agent peut le confirmer. (texte simulé)"
ANSWER = "Le reçu ne porte pas cette date ; le geste reste refusé. (texte simulé)"


@dataclass(frozen=True)
class Clerk:
    """A simulated clerk at work."""

    organisation_id: UUID
    person_id: UUID
    key: str
    token: str


class Recorder:
    """Records planned deeds of the world's citizens; its caller commits."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.money = Money(world.catalogue)
        self.scale = Scale(world)
        self._known_terms: Terms | None = None
        self.clerks = {place.slug: self._clerk(place) for place in world.city.attesters}
        with world.parts.database.session() as session:
            self.people = [world.person(session, c.local) for c in world.city.citizens]
            self.programme_id = world.programme(session).id

    def load(self, session: Session) -> list[object]:
        """What every deed needs, read once; the session knows it while the list is alive."""
        clerks = self.clerks.values()
        return [
            session.get_one(Programme, self.programme_id),
            *(session.get_one(Organisation, clerk.organisation_id) for clerk in clerks),
            *(session.get_one(AttesterKey, clerk.key) for clerk in clerks),
            *session.scalars(select(Person).where(col(Person.id).in_(self.people))),
        ]

    def vouch(self, session: Session, planned: PlannedDeed) -> Action:
        """The site's scale where the plan has it weighed, else a clerk. Raises Problem."""
        if is_weighed(planned) and self.scale.has_room(session, planned.at):
            programme = session.get_one(Programme, self.programme_id)
            person = self.people[planned.citizen]
            return self.scale.weigh(session, planned, person, programme.chain_id)
        return self.attest(session, planned)

    def attest(self, session: Session, planned: PlannedDeed) -> Action:
        """A clerk vouches for it on the spot. Raises Problem."""
        clerk = self.clerks[planned.attester]
        programme = session.get_one(Programme, self.programme_id)
        organisation = session.get_one(Organisation, clerk.organisation_id)
        person = self.people[planned.citizen]
        terms = self._terms(session, programme)
        visit = open_visit(
            session,
            person_id=person,
            organisation=organisation,
            clerk_id=clerk.person_id,
            programme_id=programme.id,
            now=planned.at,
        )
        struct = draft(terms, organisation, self.world.catalogue, visit, _deed(planned))
        signer = self.world.parts.signer.for_session(clerk.token)
        return record_by_attester(
            session,
            terms=terms,
            catalogue=self.world.catalogue,
            domain=self.world.domain,
            organisation=organisation,
            clerk_id=clerk.person_id,
            doer=self._doer(session, person, programme, planned.at),
            statement=Signed(struct, signer.sign_statement(clerk.key, struct)),
            deed=deed_of(self.world.catalogue, struct, Telling()),
            now=planned.at,
            valuer=self.money.value,
        )

    def declare(self, session: Session, planned: PlannedDeed) -> Action:
        """The citizen's own word. Raises Problem."""
        programme = self.world.programme(session)
        return record_by_citizen(
            session,
            terms=self._terms(session, programme),
            catalogue=self.world.catalogue,
            doer=self._doer(session, self.people[planned.citizen], programme, planned.at),
            deed=_deed(planned),
            now=planned.at,
            valuer=self.money.value,
        )

    def _terms(self, session: Session, programme: Programme) -> Terms:
        """Asked once while it runs: the simulated city never changes its rules."""
        if self._known_terms is None or not self._known_terms.running:
            self._known_terms = terms_of(session, programme, self.world.now(session))
        return self._known_terms

    def _doer(self, session: Session, person: UUID, programme: Programme, at: datetime) -> Doer:
        signer = self.world.parts.signer
        account = identity.account_for(session, person, programme.id, signer=signer, now=at)
        return Doer(person, account.address)

    def _clerk(self, place: Place) -> Clerk:
        key = clerk_key(self.world, place)
        with self.world.parts.database.session() as session:
            person = self.world.person(session, clerk_address(place))
            organisation = self.world.organisation(session, place.slug).id
        if key is None:
            raise LookupError(f"{place.slug} has no certified clerk")
        return Clerk(organisation, person, key.address, self.world.token(person))


def record_history(world: World) -> None:
    """All planned deeds up to the day on which the city was founded."""
    recorder = Recorder(world)
    with world.parts.database.session() as session:
        programme = world.programme(session)
        founded = programme.created_at.astimezone(ZONE).date()
        known = _known(session, programme.id)
        officer = world.person(session, "officer")
    planned = list(world.city.deeds(founded, world.catalogue))
    missing = [one for one in planned if _key(recorder, one) not in known]
    for chunk in _chunks(missing, CHUNK):
        with world.parts.database.transaction() as session:
            alive = recorder.load(session)
            for one in chunk:
                _record(recorder, session, one, officer)
            del alive
        left = len(missing) - missing.index(chunk[-1]) - 1
        world.say(f"    {len(planned) - left} of {len(planned)} simulated deeds")


def _record(recorder: Recorder, session: Session, planned: PlannedDeed, officer: UUID) -> None:
    """Vouched for, now and then only declared, now and then refused by an officer."""
    chance = Random(f"{SEED}:{planned}")  # noqa: S311 - a simulation
    entry = recorder.world.catalogue.action_type(planned.action_type)
    if chance.random() < DECLARED and "declared" in entry.proof_levels:
        recorder.declare(session, planned)
        return
    action = recorder.vouch(session, planned)
    if chance.random() < REFUSED:
        review.refuse(
            session,
            action_id=action.id,
            reason=chance.choice(REASONS),
            by=officer,
            now=planned.at,
            unvaluer=recorder.money.give_back,
        )
        letters.tell_refused(session, action, planned.at)


def make_appeals(world: World) -> None:
    """Of two refused citizens one was answered, one waits for an answer."""
    with world.parts.database.transaction() as session:
        if session.scalar(select(col(Appeal.id)).limit(1)):
            return
        now = world.now(session)
        refused = session.scalars(
            select(Action)
            .where(col(Action.state) == ActionState.REFUSED)
            .order_by(col(Action.deed_at).desc())
            .limit(2)
        ).all()
        appeals = [
            review.appeal(session, action_id=a.id, person_id=a.person_id, text=APPEAL, now=now)
            for a in refused
        ]
        for appeal in appeals[1:]:
            review.answer_appeal(
                session,
                appeal_id=appeal.id,
                upheld=False,
                text=ANSWER,
                by=world.person(session, "officer-2"),
                now=now,
                valuer=Money(world.catalogue).value,
            )


def _deed(planned: PlannedDeed) -> Deed:
    return Deed(planned.action_type, planned.quantity, planned.at, confirmed_unusual=True)


def _key(recorder: Recorder, planned: PlannedDeed) -> tuple[UUID, str, datetime]:
    return recorder.people[planned.citizen], planned.action_type, planned.at


def _known(session: Session, programme_id: UUID) -> set[tuple[UUID, str, datetime]]:
    rows = session.execute(
        select(col(Action.person_id), col(Action.action_type_id), col(Action.deed_at)).where(
            col(Action.programme_id) == programme_id
        )
    )
    return {(person, kind, at) for person, kind, at in rows}


def _chunks(items: Sequence[PlannedDeed], size: int) -> Iterator[list[PlannedDeed]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk
