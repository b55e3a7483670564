"""A ward's objection to their guardianship: a request, which an officer answers within a month.

It ends nothing by itself: two officers do (app.governance.guardianships), if the answer is yes.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import NotFound, Problem
from app.identity.mandates import service as mandates
from app.identity.mandates.models import MandateKind
from app.identity.mandates.queries import holds
from app.rights import requests
from app.rights.models import RequestKind, RightsRequest


def object_to_guardianship(
    session: Session,
    mandate_id: UUID,
    *,
    ward: UUID,
    text: str,
    by: UUID | None = None,
    now: datetime,
) -> RightsRequest:
    """`by`: an officer, on the ward's word.

    Raises NotFound, Problem mandate-decided, request-open.
    """
    found = mandates.of_party(session, mandate_id, ward)
    if found.kind is not MandateKind.GUARDIANSHIP or found.person_id != ward:
        raise NotFound
    if not holds(session, found, now):
        raise Problem("mandate-decided")
    kind = RequestKind.GUARDIANSHIP
    return requests.ask(session, ward, kind, text=text, by=by, now=now)
