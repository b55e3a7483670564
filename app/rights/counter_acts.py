"""What an officer does on the word of whoever stands there, one function for page and API.

Each act says who entered it: the event of a consent, the journal of a request, the block. What must
not be done to somebody whose address alone was said asks `check_shown` first.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions import review
from app.actions.imports import links
from app.actions.models import Appeal
from app.errors import NotFound, Problem
from app.identity import service as identity
from app.identity.age_asked import check_may_agree, say_age
from app.identity.ages import AgeBand
from app.identity.block_models import BlockChannel, WalletBlock
from app.identity.cards.models import CounterVisit
from app.identity.cards.service import CardSigner, card_of_number
from app.identity.counter import check_shown, note_look, number_of
from app.identity.models import Organisation, OrganisationKind
from app.mail_settings import Mail
from app.merchants.signing import ByCard, Desk, Payer
from app.privacy import consents
from app.privacy.consent_steps import at_counter, with_parent
from app.privacy.models import Consent
from app.privacy.notices import OPERATOR
from app.recovery import blocks, cases
from app.recovery.models import Recovery
from app.rights import closing, requests
from app.rights.disclosures import check_recipient
from app.rights.export import export
from app.rights.guardians import object_to_guardianship
from app.rights.models import RequestKind, RightsRequest

EXPORT = "counter_export"


def decide(
    session: Session,
    visit: CounterVisit,
    purpose: str,
    *,
    given: bool,
    notice_version: str,
    language: str,
    parent_agrees: bool,
    now: datetime,
    recipient: str = OPERATOR,
) -> Consent:
    """A yes or a no to exactly the notice that they were shown. Raises Problem."""
    check_shown(visit)
    if given:
        check_recipient(session, purpose, recipient, now)
    record, by = (
        consents.give_consent if given else consents.refuse_consent,
        at_counter(visit.officer_id),
    )
    if given and check_may_agree(session, visit.person_id, parent_agrees=parent_agrees):
        by = with_parent(by)
    how = {"notice_version": notice_version, "language": language, "by": by}
    return record(session, visit.person_id, purpose, recipient, now, **how)


def end_consent(
    session: Session, visit: CounterVisit, purpose: str, recipient: str, now: datetime
) -> None:
    """The end of a yes, and of a partner's link that stands on it."""
    by = at_counter(visit.officer_id)
    links.end_consent(session, visit.person_id, purpose, recipient, now, by=by)


def link_partner(
    session: Session,
    visit: CounterVisit,
    organisation_id: UUID,
    *,
    notice_version: str,
    language: str,
    parent_agrees: bool,
    now: datetime,
) -> tuple[str, datetime]:
    """A yes to one partner, the code that shows it to them and until when. Raises Problem."""
    check_shown(visit)
    partner = session.get(Organisation, organisation_id)
    if partner is None or partner.kind is not OrganisationKind.PARTNER:
        raise NotFound
    return links.make_code(
        session,
        person_id=visit.person_id,
        organisation_id=organisation_id,
        now=now,
        notice_version=notice_version,
        language=language,
        by=at_counter(visit.officer_id),
        parent_agrees=parent_agrees,
    )


def ask(
    session: Session, visit: CounterVisit, said: dict[str, Any], now: datetime
) -> RightsRequest:
    """`said`: a NewRequest."""
    kind, more = RequestKind(said["kind"]), {name: said[name] for name in ("purpose", "text")}
    by = visit.officer_id
    return requests.ask(session, visit.person_id, kind, **more, by=by, now=now)


def take_back(session: Session, visit: CounterVisit, request_id: UUID, now: datetime) -> None:
    """An objection too, after which its use goes on: so not of whoever's address they know."""
    check_shown(visit)
    person, by = visit.person_id, visit.officer_id
    requests.withdraw(session, request_id, person_id=person, by=by, now=now)


def end_restriction(session: Session, visit: CounterVisit, now: datetime) -> None:
    """All uses go on. Raises Problem counter-not-shown."""
    check_shown(visit)
    requests.end_restriction(session, visit.person_id, now, by=visit.officer_id)


def appeal(
    session: Session, visit: CounterVisit, action_id: UUID, text: str, now: datetime
) -> Appeal:
    """Against the refusal of a deed; another person decides."""
    person = visit.person_id
    return review.appeal(session, action_id=action_id, person_id=person, text=text, now=now)


def block_wallet(session: Session, visit: CounterVisit, now: datetime) -> WalletBlock:
    """Cards, telephone and sign-in alike: nothing is paid for 72 hours."""
    how, by = BlockChannel.COUNTER, visit.officer_id
    return blocks.block_wallet(session, visit.person_id, channel=how, by=by, now=now)


def stop_recovery(session: Session, visit: CounterVisit, case_id: UUID, now: datetime) -> Recovery:
    """It wasn't they who asked for their account to be given back. Raises NotFound."""
    case = session.get(Recovery, case_id)
    if case is None or case.person_id != visit.person_id:
        raise NotFound
    return cases.contest(session, case.id, by=visit.officer_id, now=now)


def set_language(session: Session, visit: CounterVisit, language: str) -> None:
    """That letters come in."""
    identity.set_language(session, visit.person_id, language)


def object_to_guardian(
    session: Session, visit: CounterVisit, mandate_id: UUID, text: str, now: datetime
) -> RightsRequest:
    ward, by = visit.person_id, visit.officer_id
    return object_to_guardianship(session, mandate_id, ward=ward, text=text, by=by, now=now)


def say_their_age(
    session: Session, visit: CounterVisit, band: AgeBand | None, month: date | None, now: datetime
) -> None:
    """The band, asked for the first time, or again when its month has come."""
    check_shown(visit)
    say_age(session, visit.person_id, band, month=month, now=now)


def hand_out(session: Session, visit: CounterVisit, now: datetime) -> IO[bytes]:
    """The same archive that the person takes along when signed in; it tells of this look too."""
    check_shown(visit)
    note_look(session, visit, EXPORT, ["all"])
    by = visit.officer_id
    requests.note_done(session, visit.person_id, RequestKind.ACCESS, now, by=by)
    return export(session, visit.person_id, now)


def close(
    session: Session,
    visit: CounterVisit,
    *,
    sure: bool,
    gift: closing.Gift | None,
    letters: Mail,
    signer: CardSigner,
    now: datetime,
) -> closing.Standing:
    """For good, and the visit ends with it; what is left stays, or is `gift`. Raises Problem."""
    person, by = visit.person_id, visit.officer_id
    check_shown(visit)
    if not sure:
        raise Problem("closing-unsure", field="sure")
    found = closing.close(session, person, gift=gift, letters=letters, now=now, by=by)
    closing.end_card(session, person, signer=signer, by=by, now=now)
    return found


def gift_by_card(
    session: Session,
    visit: CounterVisit,
    *,
    gift_to: UUID | None,
    card_number: str,
    pin: str,
    desk: Desk,
) -> closing.Gift | None:
    """What is left, to an association: the person typed their card's PIN, which the signer checks
    itself; without a number it is the card they came with. Raises Problem card-or-pin-wrong."""
    if gift_to is None:
        return None
    number = card_number or number_of(session, visit) or ""
    card = card_of_number(session, number)
    if card is None or card.person_id != visit.person_id:
        raise Problem("card-or-pin-wrong", field="card_number")
    return closing.Gift(gift_to, desk, Payer(visit.person_id, ByCard(number, pin, at_counter=True)))
