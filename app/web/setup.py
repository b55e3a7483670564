"""Pages join the application: their blueprints, filters, helpers, and the chosen language."""

from __future__ import annotations

from flask import Blueprint, Response, request

import app.web.attester_keys  # adds its routes to the counter and the office
import app.web.badges  # adds its routes to the citizen's
import app.web.counter_acts  # adds its routes to the city's counter, as does the next
import app.web.counter_cards
import app.web.counter_leaving
import app.web.counter_mandates
import app.web.counter_papers
import app.web.counter_rights_acts
import app.web.devices  # adds its routes to the counter
import app.web.office_approvals
import app.web.office_chain
import app.web.office_contests  # adds its routes to the office, as do the next
import app.web.office_decisions  # adds its routes to the office, as do the next
import app.web.office_devices
import app.web.office_dry_run
import app.web.office_emergencies
import app.web.office_ending
import app.web.office_facts
import app.web.office_guardians
import app.web.office_net
import app.web.office_organisations
import app.web.office_outside
import app.web.office_people
import app.web.office_programmes
import app.web.office_recoveries
import app.web.office_requests
import app.web.office_rules
import app.web.office_shops
import app.web.office_trial
import app.web.openid  # adds its routes to the sign-in's
import app.web.own_address
import app.web.own_age
import app.web.own_code
import app.web.own_data
import app.web.own_key
import app.web.own_programmes
import app.web.own_requests
import app.web.partners  # adds its routes to the citizen's, as does the next
import app.web.passkeys
import app.web.problems  # fills the catalogue
import app.web.representatives
import app.web.seasons  # adds its routes to the figures
import app.web.till_card  # adds its routes to the till's, as does the next
import app.web.till_statement
import app.web.treasury_returns  # noqa: F401
from app.browser_security import set_cookie
from app.context import LANGUAGE_COOKIE, Application, services
from app.web import (
    attest,
    card_counter,
    catalogues,
    confirm,
    demo,
    disclosures,
    emergency_view,
    figures,
    formats,
    imports,
    mail,
    me,
    not_me,
    office,
    outside,
    pay,
    programmes,
    recovery_words,
    rendering,
    security_txt,
    shell,
    sign_in,
    stations,
    till,
    tour,
    tour_deed,
    tour_state,
    treasury,
)

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


def init_app(app: Application) -> None:
    catalogues.compile_catalogues()
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
