"""The job of retention: what may be known no longer goes, the months' keys change, and keys that
come near their end are named."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.actions import ending_keys
from app.identity import never_came
from app.outbox.leases import Fence
from app.outbox.service import incident_passed, report_incident
from app.privacy.consents import expire_consents
from app.privacy.retention import RULES, apply_rule, rotate_epochs
from app.reporting.access.sealing import keep_months
from app.rewards.batches.due import LOST
from workers.context import Workshop
from workers.one_by_one import OneByOne

__all__ = ["never_came"]  # how one of the rules is done


def retention(workshop: Workshop, fence: Fence) -> int:
    """Each rule by itself, as all else here: one that fails stops no other."""
    services, gone = workshop.services, 0
    one_by_one = OneByOne(services, fence)
    with one_by_one.apart("keys"), services.database.session() as session:
        _change_keys(session, services.clock.now(session))
    for rule in RULES:
        with one_by_one.apart(rule.table), services.database.session() as session:
            gone += apply_rule(session, rule, services.clock.now(session))
    with one_by_one.apart("ending-keys"), services.database.transaction() as session:
        ending_keys.watch(session, services.clock.now(session))
    with one_by_one.apart("consents"), services.database.transaction() as session:
        gone += expire_consents(session, services.clock.now(session))
    with one_by_one.apart("access-log"):
        gone += keep_months(workshop.log_database)
    one_by_one.done()
    return gone


def _change_keys(session: Session, now: datetime) -> None:
    """Whose keys nothing opens any more keep their month's from being destroyed: they are named."""
    lost = rotate_epochs(session, now).lost
    if lost:
        detail = f"the keys of {lost} people open no more"
        report_incident(session, code=LOST, detail=detail, now=now, reference="vault")
    else:
        incident_passed(session, code=LOST, now=now, reference="vault")
    session.commit()
