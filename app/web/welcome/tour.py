"""The first page: in the demo a tour of five cards, elsewhere two doors; and the plain texts."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, url_for

from app.context import db_session, services
from app.security import public
from app.web.public.dashboard import progress
from app.web.shell import page
from app.web.texts import ACCESSIBILITY, DATA, QUESTIONS
from app.web.welcome import tour_state
from app.web.words import gettext as _

blueprint = Blueprint("tour", __name__)


@dataclass(frozen=True)
class Card:
    """`who` signs in as; without it the card is a link."""

    title: str
    text: str
    next: str
    button: str
    done: bool
    who: str | None = None
    url: str | None = None


@blueprint.get("/")
@public
def home() -> Response:
    cards = _cards(tour_state.read()) if services().settings.demo else []
    return page("tour/home.html", cards=cards, progress=progress(db_session().connection()))


def _cards(state: tour_state.TourState) -> list[Card]:
    return [*_counter_cards(state), *_city_cards(state)]


def _counter_cards(state: tour_state.TourState) -> list[Card]:
    """Citizen, clerk, baker: from a deed to a loaf."""
    return [
        Card(
            _("Citizen"),
            _("You brought your glass to the recycling centre. You have an account."),
            _("open “Show my code”: the clerk will ask for both numbers."),
            _("Be the citizen"),
            state.code,
            who="citizen",
        ),
        Card(
            _("Clerk at the recycling centre"),
            _("You saw the citizen do it, and you vouch for it with a key of your own browser."),
            _("type the two numbers, choose what was brought, confirm."),
            _("Be the clerk"),
            state.deed,
            who="clerk",
        ),
        Card(
            _("Baker"),
            _("You take tokens like euros and are paid out in euros."),
            _("ask for €1.20; then be the citizen again, and pay with the short code."),
            _("Be the baker"),
            state.bread,
            who="baker",
        ),
    ]


def _city_cards(state: tour_state.TourState) -> list[Card]:
    """Officer and stranger: what it adds up to, and whether it is true."""
    return [
        Card(
            _("Officer at city hall"),
            _("You see what was done, what it cost, and what the public may know."),
            _("read how many such deeds there were before yours, and how many now."),
            _("Be the officer"),
            state.figure,
            who="officer",
        ),
        Card(
            _("Stranger"),
            _("You believe nobody. You need no account."),
            _("run the audit, then alter a figure in the city's database, and run it again."),
            _("Be the stranger"),
            state.audit,
            url=url_for("figures.verify"),
        ),
    ]


@blueprint.get("/help")
@public
def help_page() -> Response:
    return page("tour/help.html", questions=QUESTIONS)


@blueprint.get("/accessibility")
@public
def accessibility() -> Response:
    title, sections = ACCESSIBILITY
    return page("tour/text.html", title=title, sections=sections)


@blueprint.get("/your-data")
@public
def data() -> Response:
    title, sections = DATA
    return page("tour/text.html", title=title, sections=sections)


@blueprint.get("/service-worker.js")
@public
def service_worker() -> Response:
    """At the root, so that it may serve the code page without network."""
    response = current_app.send_static_file("service-worker.js")
    response.headers["Cache-Control"] = "no-cache"
    return response
