"""The month's decisions of two, by who proposed and who confirmed."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

from flask import Response, request, url_for

from app.context import db_session, now
from app.identity.models import Role
from app.privacy.service import fetch_keys
from app.reporting.approvals import Pair, month_of, pairs_of
from app.security import principal, requires
from app.web import formats
from app.web.office.overview import blueprint
from app.web.shell import page
from app.web.telling import people_view


@blueprint.get("/office/approvals")
@requires(Role.OFFICER, Role.AUDITOR)
def approvals() -> Response:
    """`?month=2026-11`; this one where none, or none that is one, is named."""
    session, today = db_session(), now().astimezone(formats.here()).date()
    month = _month(request.args.get("month", ""), today)
    since, until = month_of(month, formats.here())
    pairs = pairs_of(session, since, until)
    fetch_keys(session, {one for pair in pairs for one in (pair.proposed_by, pair.confirmed_by)})
    reader = Role.OFFICER if principal().has(Role.OFFICER) else Role.AUDITOR
    shown = [_shown(pair, reader) for pair in pairs]
    session.commit()  # reading addresses is recorded, though this is a GET
    before, after = month - timedelta(days=1), until.date()
    return page(
        "office/approvals.html",
        officer=reader is Role.OFFICER,
        month=formats.month(month),
        pairs=shown,
        often=any(pair.often for pair in pairs),
        before_url=url_for("office.approvals", month=f"{before:%Y-%m}"),
        after_url=url_for("office.approvals", month=f"{after:%Y-%m}") if after <= today else None,
    )


def _month(said: str, today: date) -> date:
    try:
        found = date.fromisoformat(f"{said}-01")
    except ValueError:
        return today.replace(day=1)
    return found if date(2000, 1, 1) <= found <= today else today.replace(day=1)


def _shown(pair: Pair, reader: Role) -> SimpleNamespace:
    return SimpleNamespace(
        proposed_by=people_view.address(pair.proposed_by, reader),
        confirmed_by=people_view.address(pair.confirmed_by, reader),
        decisions=pair.decisions,
        share=pair.share,
        often=pair.often,
    )
