"""That it is really the person who sits at a session: proved afresh, it counts for five minutes.

By a passkey, or by a code that was asked for to this end and names the session. Then the session's
token changes, and the one before is worth nothing.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Problem
from app.identity.models import Role
from app.identity.passkeys.service import Here, passkeys_of
from app.identity.people import email_lookup, email_of, person
from app.identity.roles import needs_passkey, roles_of
from app.identity.sessions import prove
from app.identity.sign_in import send_code, use_code
from app.privacy.service import Actor

_LETTER = (
    {"fr": "Confirmez que c’est vous : {code}", "en": "Confirm that it is you: {code}"},
    {
        "fr": """\
Votre code de confirmation est {code}.

Il sert dix minutes, dans le seul navigateur ou programme qui l’a demandé. Si ce n’est pas vous,
ne le donnez à personne et déconnectez vos appareils sous « Mes données ».
""",
        "en": """\
Your code to confirm is {code}.

It works for ten minutes, in the one browser or program that asked for it. If that was not you,
give it to nobody and sign your devices out under “My data”.
""",
    },
)


def send_step_up_code(
    session: Session, here: Here, now: datetime, *, caller: str, code_will_do: bool
) -> UUID:
    """Returns the challenge that the code answers.

    Raises Problem step-up-passkey-only for staff who have a passkey, unless `code_will_do`;
    step-up-no-address, sign-in-too-many-codes.
    """
    if not (code_will_do or may_use_code(session, here.person_id, now)):
        raise Problem("step-up-passkey-only")
    language = person(session, here.person_id).language
    address = _address(session, here.person_id)
    return send_code(
        session, address, _LETTER, language, now, caller=caller, session_id=here.session_id
    )


def step_up_by_code(
    session: Session,
    here: Here,
    code: str,
    now: datetime,
    *,
    challenge: UUID | None,
    code_will_do: bool,
) -> str:
    """The session's new token. Raises Problem sign-in-code-wrong, step-up-passkey-only."""
    if not (code_will_do or may_use_code(session, here.person_id, now)):
        raise Problem("step-up-passkey-only")
    lookup = email_lookup(session, _address(session, here.person_id))
    use_code(session, lookup, code, now, challenge=challenge, session_id=here.session_id)
    return prove(session, here.session_id, now)


def may_use_code(session: Session, person_id: UUID, now: datetime) -> bool:
    """Staff who have a passkey confirm with it: their mailbox alone opens nothing of theirs, nor of
    a shop's, whose stations its merchants enrol."""
    sells = Role.MERCHANT in roles_of(session, person_id, now)
    has_to = sells or needs_passkey(session, person_id, now)
    return not (has_to and passkeys_of(session, person_id))


def _address(session: Session, person_id: UUID) -> str:
    own = Actor.subject(person_id)
    address = email_of(session, person_id, purpose="sign_in", actor=own)
    if address is None:
        raise Problem("step-up-no-address")
    return address
