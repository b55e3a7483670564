"""A person's e-mail address, entered by themselves: the first one, or another in its place.

Whoever asks has just proved who they are; a code shows that the new mailbox is theirs as well. Only
then is it said whether the address opens somebody else's account.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Problem
from app.identity.block_models import LinkKind
from app.identity.blocks import check_not_blocked
from app.identity.letter_links import make_link
from app.identity.passkeys.service import Here
from app.identity.people import email_lookup, email_of, normal_email, person, set_email
from app.identity.sign_in import send_code, use_code
from app.mail import SITE, queue_letter
from app.privacy.service import Actor

_CODE = (
    {"fr": "Votre code pour cette adresse : {code}", "en": "Your code for this address: {code}"},
    {
        "fr": """\
Quelqu’un veut recevoir ici les lettres et les codes de son compte Civis. Si c’est vous, votre code
est {code} ; il sert dix minutes, là où il a été demandé. Sinon, ne faites rien.
""",
        "en": """\
Somebody wants to have the letters and codes of their Civis account sent here. If that is you, your
code is {code}; it works for ten minutes, where it was asked for. If not, do nothing.
""",
    },
)
_LEFT = {
    "fr": (
        "Votre adresse a changé",
        (
            "Les lettres et les codes de votre compte vont désormais à une autre adresse.\n\n"
            "Ce n’était pas vous ? Bloquez votre portefeuille, sans vous connecter :\n{link}\n"
            "puis venez au guichet.\n"
        ),
    ),
    "en": (
        "Your address has changed",
        (
            "The letters and codes of your account go to another address from now on.\n\n"
            "That wasn’t you? Block your wallet, without signing in:\n{link}\n"
            "then come to the counter.\n"
        ),
    ),
}


def send_address_code(
    session: Session, here: Here, email: str, now: datetime, *, caller: str
) -> UUID:
    """A code to the new mailbox; returns the challenge that it answers.

    Raises Problem email-invalid, email-same, sign-in-too-many-codes, and wallet-blocked while
    somebody may have the person's telephone.
    """
    check_not_blocked(session, here.person_id, now)
    if email_lookup(session, email) == person(session, here.person_id).email_lookup:
        raise Problem("email-same", field="email")
    language = person(session, here.person_id).language
    return send_code(
        session, email, _CODE, language, now, caller=caller, session_id=here.session_id
    )


def change_own_email(
    session: Session, here: Here, email: str, code: str, now: datetime, *, challenge: UUID | None
) -> None:
    """From now on letters and codes go there; the address before is told, with a link that blocks.

    Raises Problem email-invalid, sign-in-code-wrong, email-of-another, wallet-blocked.
    """
    check_not_blocked(session, here.person_id, now)
    lookup = email_lookup(session, normal_email(email))
    use_code(session, lookup, code, now, challenge=challenge, session_id=here.session_id)
    before = email_of(
        session, here.person_id, purpose="sign_in", actor=Actor.subject(here.person_id)
    )
    set_email(session, here.person_id, email)
    if before is not None:
        _tell_left(session, here.person_id, before, now)


def _tell_left(session: Session, person_id: UUID, before: str, now: datetime) -> None:
    subject, text = _LEFT[person(session, person_id).language]
    link = f"{SITE}/not-me/{make_link(session, person_id, LinkKind.BLOCK, now)}"
    queue_letter(session, to=before, subject=subject, text=text.format(link=link), now=now)
