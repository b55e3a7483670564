"""Puts the web application together: settings, extensions, errors, blueprints, in this order.

A package offers `blueprint` in its `api.py` (paths under /api/v1) or `pages.py`. Both lists
below are explicit: a module that is not named here serves nothing.
"""

from __future__ import annotations

import os
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from flask import Response, g, request
from flask_babel import Babel  # type: ignore[import-untyped]
from uuid6 import uuid7
from werkzeug.middleware.proxy_fix import ProxyFix

from app import (
    browser_security,
    context,
    error_answers,
    health,
    limits,
    restore_guard,
    security,
    telemetry,
)
from app.api_document import document as openapi_document
from app.config import Settings
from app.context import Application, language, request_id
from app.services import Services, connect

WEB = Path(__file__).parent / "web"
API = (
    "privacy",
    "identity",
    "governance",
    "impact",
    "actions",
    "rewards",
    "merchants",
    "recovery",
    "endings",
    "reporting",
    "rights",
)
PAGES = (*API, "web")
MAX_BODY = 1024 * 1024  # an import sets request.max_content_length for itself

log = telemetry.logger("web")


def build(settings: Settings | None = None, *, parts: Services | None = None) -> Application:
    """The application; `parts` lets tests hand in services of their own."""
    if parts is None:
        telemetry.configure()
        parts = connect(settings or Settings.from_env(os.environ), name="civis web")
    app = Application(
        "app", template_folder=str(WEB / "templates"), static_folder=str(WEB / "static")
    )
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_MEMORY_SIZE=MAX_BODY)
    if parts.settings.public_url.startswith("https://"):  # behind one TLS proxy of ours
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    context.init_app(app, parts)
    _observe(app)
    restore_guard.init_app(app)
    browser_security.init_app(app)
    limits.init_app(app)
    error_answers.init_app(app)
    Babel(app, locale_selector=language, default_translation_directories=str(WEB / "translations"))
    _offer_to_templates(app)
    _register(app)
    return app


def _register(app: Application) -> None:
    app.register_blueprint(health.blueprint)
    app.register_blueprint(openapi_document.blueprint)
    for packages, module in ((API, "api"), (PAGES, "pages")):
        for package in packages:
            name = f"app.{package}.{module}"
            if find_spec(f"app.{package}") and find_spec(name):
                app.register_blueprint(import_module(name).blueprint)
    if find_spec("app.web.setup"):  # navigation, filters: what every page needs
        import_module("app.web.setup").init_app(app)
    security.mark_static(app)


def _offer_to_templates(app: Application) -> None:
    app.jinja_env.globals.update(
        settings=lambda: context.services().settings,
        language=language,
        principal=security.maybe_principal,
        csrf_token=browser_security.csrf_token,
        csp_nonce=browser_security.csp_nonce,
        asks_camera=browser_security.asks_camera,
        fresh_key=lambda: str(uuid7()),
        request_id=request_id,
    )


def _observe(app: Application) -> None:
    """One line per request: which route, what came of it, how long it took; no path, no values."""

    @app.before_request
    def begin() -> None:
        telemetry.clear()
        telemetry.bind(request_id=request_id())
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        began = g.get("began")
        log.info(
            "request",
            method=request.method,
            route=str(request.url_rule) if request.url_rule else None,
            status=response.status_code,
            milliseconds=round((time.perf_counter() - began) * 1000, 1) if began else None,
        )
        return response
