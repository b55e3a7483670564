"""The code that goes to a recovery's new address: whoever reads that mailbox tells it to the second
officer, so that neither a slip of the first nor a mailbox that nobody opens takes an account along.

It lasts as long as the proposal. Five tries; then the case is taken back and proposed anew.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Problem
from app.mail import queue_letter
from app.privacy.service import keyed_hash
from app.recovery import problems
from app.recovery.models import Recovery

__all__ = ["problems"]

TRIES = 5
_SUBJECT = {
    "fr": "Votre code pour l’agent de la ville : {code}",
    "en": "Your code for the officer: {code}",
}
_TEXT = {
    "fr": """\
À un guichet de la ville, cette adresse a été donnée pour accéder à un compte Civis.

Si c’est vous, dites à l’agent ce code : {code}. Il sert trois jours. Rien ne change sans lui.
Sinon, ne le donnez à personne.
""",
    "en": """\
At a counter of the city, this address was given to reach a Civis account.

If that was you, tell the officer this code: {code}. It works for three days. Nothing changes
without it. If not, give it to nobody.
""",
}


def send_code(session: Session, case: Recovery, email: str, language: str, now: datetime) -> None:
    """To a case that is not stored yet."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    case.code_hash, case.code_tries_left = _hash(session, case.id, code), TRIES
    queue_letter(
        session,
        to=email,
        subject=_SUBJECT[language].format(code=code),
        text=_TEXT[language].format(code=code),
        now=now,
    )


def prove(session: Session, case: Recovery, code: str, now: datetime) -> None:
    """The case is locked. Raises Problem recovery-code-wrong, to be committed, and
    recovery-code-worn-out."""
    if case.code_hash is None:
        return
    if case.code_tries_left <= 0:
        raise Problem("recovery-code-worn-out", field="code")
    case.code_tries_left -= 1
    given = "".join(sign for sign in code if sign.isdecimal())
    if not hmac.compare_digest(_hash(session, case.id, given), case.code_hash):
        session.flush()
        raise Problem("recovery-code-wrong", field="code", keep=True)
    case.email_proved_at = now


def _hash(session: Session, case_id: UUID, code: str) -> bytes:
    return keyed_hash(session, "recovery-code", case_id.bytes, code)
