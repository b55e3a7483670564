"""What every page is wrapped in: language, navigation, help, and the words for states."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, redirect, request, url_for

from app.context import language, services
from app.error_answers import note_refusal
from app.errors import Problem
from app.identity.models import Role
from app.identity.roles import PASSKEY_ROLES, STAFF
from app.security import maybe_principal
from app.web.rendering import render
from app.web.words import Speech, locale, speech
from app.web.words import lazy_gettext as _l

LANGUAGE_NAMES = {"fr": "Français", "en": "English"}

STATE_WORDS = {
    "recorded": _l("recorded"), "authenticated": _l("vouched for"), "batched": _l("on its way"),
    "settled": _l("settled"), "refused": _l("refused"), "expired": _l("expired"),
    "withdrawn": _l("withdrawn"), "reversed": _l("reversed"), "quarantined": _l("being checked"),
    "requested": _l("waiting"), "accepted": _l("paid"), "declined": _l("declined"),
    "pending": _l("being registered"), "active": _l("active"), "closing": _l("closing"),
    "closed": _l("closed"), "burned": _l("owed"), "ordered": _l("sent to the bank"),
    "confirmed": _l("paid out"), "draft": _l("draft"), "running": _l("running"),
    "paused": _l("paused"), "made": _l("not given out yet"), "blocked": _l("blocked"),
    "replaced": _l("replaced"), "published": _l("published"), "archived": _l("archived"),
}  # fmt: skip
PROOF_WORDS = {
    "declared": _l("said by the person alone, counted apart"),
    "evidenced": _l("supported by a photo or a trace"),
    "attested": _l("seen by a registered person"),
    "measured": _l("measured by a registered device or partner"),
    "corroborated": _l("confirmed by two independent sources"),
}


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    current: bool = False


def state_words(state: str) -> str:
    return str(STATE_WORDS.get(state, state))


def page(template: str, *, problem: Problem | None = None, **values: Any) -> Response:
    """A rendered page; with a problem it keeps what was typed and answers its status."""
    shown = problem.sentence(language()) if problem else None
    if problem:
        note_refusal(problem)
    response = make_response(render(template, problem=shown, **values))
    response.status_code = problem.status if problem else 200
    return response


def to(endpoint: str, **values: Any) -> Response:
    """See other: after a write, so that reloading the page repeats nothing."""
    return make_response(redirect(url_for(endpoint, **values), 303))


def navigation() -> list[Link]:
    """What the signed-in person may open; the public pages for everybody."""
    person = maybe_principal()
    held = frozenset(person.roles) if person else None
    return _navigation(held, request.endpoint, speech())


@lru_cache(maxsize=1024)
def _navigation(roles: frozenset[Role] | None, endpoint: str | None, spoken: Speech) -> list[Link]:
    """The same for all who hold the same roles; None is nobody."""
    held, _ = roles or frozenset(), spoken.gettext
    office = Role.OFFICER in held  # whose own menu has the rest
    entries: list[tuple[str, str, bool]] = [
        ("me.home", _("My account"), Role.CITIZEN in held),
        ("attest.home", _("Certify"), Role.ATTESTER in held),
        ("attest.keys", _("Keys"), Role.ATTESTER_ADMIN in held),
        ("till.home", _("Till"), Role.MERCHANT in held),
        ("imports.home", _("Files of trips"), Role.PARTNER in held),
        ("office.home", _("Office"), office),
        ("counter.home", _("Counter"), office),
        ("treasury.home", _("Money"), Role.TREASURER in held and not office),
        ("office.chain", _("On the way to the chain"), Role.OPERATOR in held and not office),
        ("office.approvals", _("Who approved whom"), Role.AUDITOR in held and not office),
        ("office.emergency_list", _("Emergency"), not STAFF.isdisjoint(held) and not office),
        ("figures.home", _("Figures"), True),
        ("tour.help_page", _("Help"), True),
        ("sign_in.start", _("Sign in"), roles is None),
    ]
    return [Link(label, url_for(name), name == endpoint) for name, label, shown in entries if shown]


def staff_by_code() -> bool:
    """Whether somebody holds a role here that needs a passkey elsewhere."""
    person = maybe_principal()
    return bool(person and not person.by_passkey and PASSKEY_ROLES & person.roles.keys())


def own_page() -> Link | None:
    """Where a signed-in person works; a citizen's account only for who has no other."""
    open_to_all = {url_for("figures.home"), url_for("tour.help_page"), url_for("sign_in.start")}
    own = [link for link in navigation() if link.url not in open_to_all]
    return next(iter(own[1:] or own), None)


def other_languages() -> list[dict[str, str]]:
    """This page in each other language."""
    kept = {key: value for key, value in request.args.items() if key != "lang"}
    query = urlencode(kept) + "&" if kept else ""
    spoken = locale()
    return [
        {"code": code, "name": LANGUAGE_NAMES[code], "url": f"{request.path}?{query}lang={code}"}
        for code in services().settings.languages
        if code != spoken
    ]
