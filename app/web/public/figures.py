"""The public's figures: dashboard, downloads, and how to check them."""

from __future__ import annotations

from datetime import datetime
from json import dumps as json_text
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from app.context import db_session, services
from app.errors import Problem
from app.impact.catalogue import catalogue
from app.limits import limited, spend
from app.reporting import export as exports
from app.reporting.audit.published import AsOf
from app.reporting.audit.run import DIFFERS, Report, in_words
from app.reporting.export import Part
from app.reporting.figures_csv import as_csv
from app.reporting.problems import check_indicator
from app.security import public
from app.web import formats
from app.web.public.audit_here import gateway_url, run_here
from app.web.public.audit_words import difference
from app.web.public.dashboard import Choice, dashboard
from app.web.public.kinds import kinds_by_group
from app.web.shell import page, to
from app.web.welcome import tour_state
from app.web.words import gettext as _
from app.web.words import locale

blueprint = Blueprint("figures", __name__)
AUDITS_A_MINUTE = 30
MONTHS = (3, 6, 12, 24)


def _choice() -> Choice:
    """What the reader asked for; an unknown number of months falls back to twelve."""
    months = request.args.get("months", "")
    wanted = int(months) if months in {str(number) for number in MONTHS} else 12
    return Choice(request.args.get("indicator", ""), wanted)


@blueprint.get("/figures")
@public
def home() -> Response:
    choice, unknown = _choice(), None
    try:
        check_indicator(choice.indicator)
    except Problem as problem:  # said on the page, which goes on with all of them
        choice, unknown = Choice("", choice.months), problem
    shown = dashboard(services().database.singles.rows, choice)
    wanted = "?" + urlencode({"indicator": shown.chosen, "months": shown.months})
    return page("figures/home.html", problem=unknown, wanted=wanted, **vars(shown))


def _export(part: Part) -> dict[str, Any]:
    return exports.export(db_session(), catalogue(), services().settings.deployment_file, part)


def _part() -> Part:
    """What the page shows, or all where the reader asked for nothing."""
    choice = _choice()
    return Part(choice.indicator, choice.months if "months" in request.args else None)


@blueprint.get("/figures/export.json")
@public
def json() -> Response:
    part = _part()
    return _download(json_text(_export(part)), "application/json", f"{part.name()}.json")


@blueprint.get("/figures/export.csv")
@public
def csv() -> Response:
    part = _part()
    found = _export(part)
    text = as_csv(found["figures"], catalogue(), found["records"])
    return _download(text, "text/csv", f"{part.name()}.csv")


def _download(text: str, kind: str, name: str) -> Response:
    header = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(text, mimetype=kind, headers=header)


@blueprint.get("/figures/kinds")
@public
def kinds() -> Response:
    """The catalogue for people: every kind of deed with what its figures rest on."""
    return page("figures/kinds.html", groups=kinds_by_group(locale()))


@blueprint.get("/verify")
@public
def verify() -> Response:
    return _verify(None)


@blueprint.post("/verify/audit")
@public
@limited("audit", quota=10, window=60)
def audit() -> Response:
    """Limited for all callers together too: each keeps a thread of ours busy with the chain."""
    spend("audits", "everybody", quota=AUDITS_A_MINUTE, window=60)
    report = run_here(services().settings)
    if report.verdict == DIFFERS:
        tour_state.mark("audit")
    return _verify(report)


def _verify(report: Report | None) -> Response:
    settings = services().settings
    chain = exports.chain_of(settings.deployment_file)
    return page(
        "figures/verify.html",
        gateway=gateway_url(settings),
        site=settings.public_url,
        chain_id=chain["chain_id"],
        genesis=chain["genesis_hash"],
        result=_result(report) if report else None,
        may_alter=settings.demo,
        altered=settings.demo and tour_state.is_altered(db_session()),
    )


def _result(report: Report) -> dict[str, Any]:
    withheld = [_withheld(report.as_of.withheld)] if report.as_of and report.as_of.withheld else []
    return {
        "code": report.verdict,
        "as_of": _as_of(report.as_of) if report.as_of else "",
        "differences": withheld + [difference(found) for found in report.differences],
        "lines": in_words(report),
    }


def _as_of(shown: AsOf) -> str:
    when = formats.moment(datetime.fromisoformat(shown.time))
    block = formats.whole(shown.block)
    return _("The city shows its figures as of block %(block)s, %(when)s.", block=block, when=when)


def _withheld(block: int) -> str:
    return _(
        "Block %(block)s published figures over an hour ago, and the city does not show them.",
        block=formats.whole(block),
    )


@blueprint.post("/verify/alter")
@public
def alter() -> Response:
    """The demo's dishonest official: 1,000 deeds more in the city's database."""
    _only_in_demo()
    tour_state.alter(db_session())
    return to("figures.verify")


@blueprint.post("/verify/restore")
@public
def restore() -> Response:
    _only_in_demo()
    tour_state.restore(db_session())
    return to("figures.verify")


def _only_in_demo() -> None:
    if not services().settings.demo:
        raise Problem("not-found")
