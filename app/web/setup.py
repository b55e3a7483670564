"""Pages join the application: their blueprints, filters, helpers, and the chosen language."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

from flask import Blueprint, Response, request

from app import web
from app.browser_security import set_cookie
from app.context import LANGUAGE_COOKIE, Application, services
from app.web import catalogues, formats, rendering, shell
from app.web.citizen import me, pay
from app.web.counter import visits as card_counter
from app.web.entering import confirm, not_me, sign_in
from app.web.merchant import till
from app.web.office import disclosures, emergency_view
from app.web.office import overview as office
from app.web.public import figures, outside, programmes, security_txt
from app.web.stations import screen as stations
from app.web.telling import recovery_words
from app.web.treasury import fundings as treasury
from app.web.vouching import attest, imports
from app.web.welcome import demo, mail, tour, tour_deed, tour_state

BLUEPRINTS: tuple[Blueprint, ...] = (
    tour.blueprint,
    demo.blueprint,
    sign_in.blueprint,
    confirm.blueprint,
    not_me.blueprint,
    mail.blueprint,
    figures.blueprint,
    programmes.blueprint,
    outside.blueprint,
    me.blueprint,
    attest.blueprint,
    card_counter.blueprint,
    office.blueprint,
    treasury.blueprint,
    pay.blueprint,
    till.blueprint,
    stations.blueprint,
    imports.blueprint,
    disclosures.blueprint,
    security_txt.blueprint,
)


def load_pages() -> None:
    """Imports every module: many only add their routes to the blueprint of another."""
    for found in walk_packages(web.__path__, f"{web.__name__}."):
        import_module(found.name)


def init_app(app: Application) -> None:
    catalogues.compile_catalogues()
    load_pages()
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    confirm.install()
    formats.install(app)
    app.jinja_env.globals.update(
        navigation=shell.navigation,
        own_page=shell.own_page,
        staff_by_code=shell.staff_by_code,
        other_languages=shell.other_languages,
        state_words=shell.state_words,
        emergencies_now=emergency_view.until,
        recoveries_waiting=recovery_words.waiting,
    )
    rendering.install(app)
    app.after_request(_remember_language)
    app.after_request(tour_state.keep)
    app.after_request(tour_deed.keep)


def _remember_language(response: Response) -> Response:
    asked = request.args.get("lang")
    if asked in services().settings.languages:
        set_cookie(response, LANGUAGE_COOKIE, asked or "", max_age=31_536_000)
    return response
