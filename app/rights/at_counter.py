"""What leaves on paper with whoever stands at the counter; each hand-out is a look that they read.

Never for somebody whose address alone was said: that proves nobody.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.actions.models import Action
from app.config import Settings
from app.errors import NotFound
from app.identity.cards.models import CounterVisit
from app.identity.counter import check_shown, note_look
from app.reporting.receipts import receipt as deed_receipt
from app.rights.consent_receipts import receipt as consent_receipt

CONSENT, PROOF = "counter_consent", "counter_proof"


def hand_consent(
    session: Session, visit: CounterVisit, consent_id: UUID, settings: Settings, now: datetime
) -> str:
    """The signed receipt of a consent of theirs. Raises NotFound, Problem counter-not-shown."""
    check_shown(visit)
    signed = consent_receipt(session, consent_id, visit.person_id, settings, now)
    note_look(session, visit, CONSENT, ["permissions"])
    return signed


def deed_of(session: Session, visit: CounterVisit, action_id: UUID) -> Action:
    """A deed of theirs. Raises NotFound."""
    action = session.get(Action, action_id)
    if action is None or action.person_id != visit.person_id:
        raise NotFound
    return action


def hand_proof(
    session: Session, visit: CounterVisit, action_id: UUID, settings: Settings
) -> dict[str, Any]:
    """The receipt of a settled deed of theirs, which names their account.

    Raises NotFound, Problem counter-not-shown, receipt-not-yet.
    """
    check_shown(visit)
    deed, artefacts = deed_of(session, visit, action_id), settings.kept.artefacts
    found = deed_receipt(session, deed, settings.deployment_file, artefacts)
    note_look(session, visit, PROOF, ["deeds"])
    return found
