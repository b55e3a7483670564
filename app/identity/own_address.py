"""A person's first e-mail address, entered by themselves: of who came by an OpenID provider.

Whoever asks has just proved who they are; a code shows that the new mailbox is theirs as well. Only
then is it said whether the address opens somebody else's account.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Problem
from app.identity.blocks import check_not_blocked
from app.identity.models import Person
from app.identity.passkeys.service import Here
from app.identity.people import email_lookup, normal_email, person, set_email
from app.identity.sign_in import send_code, use_code

_CODE = (
    {"fr": "Votre code pour cette adresse : {code}", "en": "Your code for this address: {code}"},
    {
        "fr": """\
Quelqu’un veut recevoir ici les courriels et les codes de son compte Civis. Si c’est vous, votre
code est {code} ; il sert dix minutes, là où il a été demandé. Sinon, ne faites rien.
""",
        "en": """\
Somebody wants to have the letters and codes of their Civis account sent here. If that is you, your
code is {code}; it works for ten minutes, where it was asked for. If not, do nothing.
""",
    },
)


def send_address_code(
    session: Session, here: Here, email: str, now: datetime, *, caller: str
) -> UUID:
    """A code to the mailbox; returns the challenge that it answers.

    Raises Problem email-invalid, email-at-counter, sign-in-too-many-codes, wallet-blocked.
    """
    found = _without(session, here.person_id, now)
    own = here.session_id
    return send_code(session, email, _CODE, found.language, now, caller=caller, session_id=own)


def enter_own_email(
    session: Session, here: Here, email: str, code: str, now: datetime, *, challenge: UUID | None
) -> None:
    """From now on letters and codes go there.

    Raises Problem email-invalid, sign-in-code-wrong, email-of-another, email-at-counter,
    wallet-blocked.
    """
    _without(session, here.person_id, now)
    lookup = email_lookup(session, normal_email(email))
    use_code(session, lookup, code, now, challenge=challenge, session_id=here.session_id)
    set_email(session, here.person_id, email)


def _without(session: Session, person_id: UUID, now: datetime) -> Person:
    """One that is known is changed by two officers, after notice to it: whoever has a telephone
    for an hour would else take the account along, and its owner could not even be found."""
    check_not_blocked(session, person_id, now)
    found = person(session, person_id)
    if found.email_lookup is not None:
        raise Problem("email-at-counter", field="email")
    return found
