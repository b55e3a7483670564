"""An organisation's own key: made in its administrator's browser, registered by an officer.

Offered by one person, registered by another, who neither works for the organisation nor entered
it; from then on the chain knows it, and it certifies the organisation's clerks off the chain. A
revoked key makes room for a new one. One that nears its end goes on until its successor is
registered; then clerks' keys need the new one's certificate, and the chain keeps the old one as
it is, so what was signed under it stays checkable.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app import changes
from app.actions.keys import ANY_SCOPE
from app.actions.registered_before import registered_before
from app.chain import typed
from app.errors import Problem, define
from app.governance import service as governance
from app.identity.models import KeyCustody, Organisation, OrganisationKind
from app.identity.organisations import (
    has_good_key,
    organisation_by_id,
    set_organisation_key,
)
from app.identity.own import check_not_own
from app.outbox.service import enqueue

__all__ = ["governance", "offer_key", "register_key"]

KEY_LASTS = timedelta(days=3 * 365)
RENEWED = timedelta(days=60)  # before its end, from when on a successor may be offered
KINDS = {OrganisationKind.ATTESTER: 1, OrganisationKind.PARTNER: 3}

define(
    "organisation-key-taken",
    409,
    en=(
        "There is a key already",
        "It is registered, and its end is not near.",
        "Have it revoked first, or wait until it has at most 60 days left.",
    ),
    fr=(
        "Il y a déjà une clé",
        "Elle est enregistrée, et sa fin n’est pas proche.",
        "Faites-la d’abord révoquer, ou attendez qu’il lui reste au plus 60 jours.",
    ),
)
define(
    "organisation-key-not-offered",
    409,
    en=("No key waits", "The organisation's administrator makes it.", "Ask them to open “Keys”."),
    fr=("Aucune clé n’attend", "L’administrateur de l’organisme la crée.", "Demandez-la-lui."),
)
define(
    "organisation-key-revoked",
    409,
    en=(
        "This key was registered before",
        "A key that was revoked or has ended never comes back.",
        "Make a new key.",
    ),
    fr=(
        "Cette clé a déjà été enregistrée",
        "Une clé révoquée ou arrivée à sa fin ne revient jamais.",
        "Créez une nouvelle clé.",
    ),
)


def offer_key(
    session: Session, organisation: Organisation, address: str, *, by: UUID, now: datetime
) -> None:
    """The administrator's browser made a key. Takes the place of one not registered yet, or
    revoked; one that ends stays until this is registered. Raises Problem."""
    if not may_offer(organisation, now):
        raise Problem("organisation-key-taken")
    key = typed.checksum(address)
    if key in registered_keys(session, organisation):
        raise Problem("organisation-key-revoked")
    before = {"key": offered_key(organisation) or organisation.key_address}
    if organisation.key_valid_from is None or organisation.key_revoked_at is not None:
        organisation.key_address, organisation.key_custody = key, KeyCustody.BROWSER
        organisation.key_valid_from = organisation.key_valid_until = None
        organisation.key_revoked_at = None
    else:
        organisation.next_key_address = key
    session.flush()
    changes.note(
        session, changes.KEY_OFFERED, organisation.id, before, {"key": key}, by=by, now=now
    )


def may_offer(organisation: Organisation, now: datetime) -> bool:
    """Without a good key, or near its end."""
    until = organisation.key_valid_until
    ends = until is not None and until - now <= RENEWED
    return ends or not has_good_key(organisation, now)


def offered_key(organisation: Organisation) -> str | None:
    """What an officer is asked to register."""
    unregistered = organisation.key_valid_from is None
    return organisation.key_address if unregistered else organisation.next_key_address


def registered_keys(session: Session, organisation: Organisation) -> list[str]:
    """Each that the chain has had, of which none can be registered again."""
    changed = changes.all_of(session, organisation.id, what=changes.KEY_REGISTERED)
    known = {str(row.after["key"]) for row in changed}
    if organisation.key_address is not None and organisation.key_valid_from is not None:
        known.add(organisation.key_address)
    return sorted(known)


def register_key(
    session: Session, organisation_id: UUID, *, by: UUID | None, now: datetime
) -> None:
    """An officer has the chain register the offered key; `by` None: the installation itself.

    Raises Problem.
    """
    organisation = organisation_by_id(session, organisation_id)
    _check_second(session, organisation, by)
    key, kind = _offered(organisation), KINDS[organisation.kind]
    since = now.replace(microsecond=0)
    since, until = registered_before(session, key, kind, ANY_SCOPE) or (since, since + KEY_LASTS)
    set_organisation_key(
        session,
        organisation_id,
        address=key,
        custody=_custody(organisation, key),
        valid_from=since,
        valid_until=until,
    )
    changes.note(session, changes.KEY_REGISTERED, organisation_id, {}, {"key": key}, by=by, now=now)
    enqueue(
        session,
        kind="register_attester",
        key=key,
        payload={
            "key": key,
            "kind": kind,
            "scope_hash": ANY_SCOPE,
            "valid_from": int(since.timestamp()),
            "valid_until": int(until.timestamp()),
        },
        now=now,
    )


def _custody(organisation: Organisation, key: str) -> KeyCustody:
    """A successor was made in a browser, whatever holds the key before it."""
    own = organisation.key_custody if key == organisation.key_address else None
    return own or KeyCustody.BROWSER


def _check_second(session: Session, organisation: Organisation, by: UUID | None) -> None:
    offered = changes.changes_of(session, organisation.id, 1, what=changes.KEY_OFFERED)
    if by is not None and by in (organisation.created_by, *[row.by for row in offered]):
        raise Problem("another-must-confirm")
    check_not_own(session, organisation.id, by)


def _offered(organisation: Organisation) -> str:
    """The key that waits for its registration. Raises Problem."""
    if organisation.key_address is None or organisation.kind not in KINDS:
        raise Problem("organisation-key-not-offered")
    if (key := offered_key(organisation)) is None:
        raise Problem("organisation-key-taken")
    return key
