"""An organisation's own key: made in its administrator's browser, registered by an officer.

Offered by one person, registered by another, who neither works for the organisation nor entered
it; from then on the chain knows it, and it certifies the organisation's clerks off the chain. A
revoked key makes room for a new one.
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
from app.identity.organisations import organisation_by_id, set_organisation_key
from app.identity.own import check_not_own
from app.outbox.service import enqueue

__all__ = ["governance", "offer_key", "register_key"]

KEY_LASTS = timedelta(days=3 * 365)
KINDS = {OrganisationKind.ATTESTER: 1, OrganisationKind.PARTNER: 3}

define(
    "organisation-key-taken",
    409,
    en=("There is a key already", "It is registered.", "Have it revoked first."),
    fr=("Il y a déjà une clé", "Elle est enregistrée.", "Faites-la d’abord révoquer."),
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
    en=("This key was revoked", "A key never comes back.", "Make a new key."),
    fr=("Cette clé a été révoquée", "Une clé ne revient jamais.", "Créez une nouvelle clé."),
)


def offer_key(
    session: Session, organisation: Organisation, address: str, *, by: UUID, now: datetime
) -> None:
    """The administrator's browser made a key. Replaces one not registered yet, or revoked."""
    if organisation.key_valid_from is not None and organisation.key_revoked_at is None:
        raise Problem("organisation-key-taken")
    key = typed.checksum(address)
    if organisation.key_revoked_at is not None and key == organisation.key_address:
        raise Problem("organisation-key-revoked")
    before = {"key": organisation.key_address}
    organisation.key_address = key
    organisation.key_valid_from = organisation.key_valid_until = None
    organisation.key_revoked_at = None
    organisation.key_custody = KeyCustody.BROWSER
    session.flush()
    said = {"key": organisation.key_address}
    changes.note(session, changes.KEY_OFFERED, organisation.id, before, said, by=by, now=now)


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
        custody=organisation.key_custody or KeyCustody.BROWSER,
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


def _check_second(session: Session, organisation: Organisation, by: UUID | None) -> None:
    offered = changes.changes_of(session, organisation.id, 1, what=changes.KEY_OFFERED)
    if by is not None and by in (organisation.created_by, *[row.by for row in offered]):
        raise Problem("another-must-confirm")
    check_not_own(session, organisation.id, by)


def _offered(organisation: Organisation) -> str:
    """The key that waits for its registration. Raises Problem."""
    if organisation.key_address is None or organisation.kind not in KINDS:
        raise Problem("organisation-key-not-offered")
    if organisation.key_valid_from is not None:
        raise Problem("organisation-key-taken")
    return organisation.key_address
