"""Who asks, and whether they may. Every route carries exactly one of these:

    @public                          anybody
    @requires()                      any signed-in person
    @requires(Role.OFFICER, ...)     a person who holds one of these roles today

    @in_a_shift_too                  with @requires(): also from a shift (app.route_marks)
    @requires_step_up                and who has proved in the last minutes that it is them
    @needs_consent("research")       and who agrees to that use now, asked with session and roles

    principal()          the signed-in person; a 401 problem when there is none
    maybe_principal()    the same or None (`principal()` in templates)
    session_token()      what the signer process asks for before it signs for its holder
    principal().organisation(Role.MERCHANT)   the one organisation they hold the role for

Programs send `Authorization: Bearer <token>`; browsers a cookie, and with every write the form
token (app.browser_security). Both are tokens of a row in sign_in_session. Put the decorator
right under the route, and @requires_step_up under that:

    @blueprint.post("/payments")
    @requires(Role.MERCHANT)
    @idempotent
    @body(NewPayment)
    @answers(PaymentOut, status=201)
    def request_payment(body): ...
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from flask import Flask, current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from app import limits
from app.acting import check_covered
from app.browser_security import check_form_token
from app.context import cookie_name, is_api, now, services
from app.errors import Problem
from app.identity import door
from app.identity.door import Entered, Use
from app.identity.models import Role
from app.identity.sessions import is_fresh
from app.identity.tokens import token_hash
from app.principal import Principal
from app.privacy.notices import OPERATOR
from app.route_marks import AUTH, BY_ITSELF, IN_A_SHIFT, STEP_UP, USE, View, marked
from app.session_cookie import COOKIE, STATION_COOKIE
from app.token_holders import Holder, TokenHolders

PUBLIC = "public"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


_holders = TokenHolders()


def maybe_principal() -> Principal | None:
    try:
        return cast("Principal | None", g.principal)  # asked by every part of a page
    except AttributeError:
        g.principal = found = _find(count=False)
        return found


def principal() -> Principal:
    found = maybe_principal()
    if found is None:
        raise Problem("sign-in-needed", headers={"WWW-Authenticate": "Bearer"})
    return found


def _find(*, count: bool) -> Principal | None:
    """Asks the door once. `count`: a program's write, against its person's limit.

    A browser's write is counted later, once its form token shows that it is its own.
    """
    bearer = _bearer()
    token = bearer or request.cookies.get(cookie_name(COOKIE))
    if not token:
        return None
    hashed, parts = token_hash(token), services()
    holder = _holders.get(hashed)
    counting = limits.a_write_of(holder.person_id) if holder and count and bearer else None
    view = current_app.view_functions.get(request.endpoint or "")
    g.now, found = door.enter(
        parts.database.singles,
        hashed,
        parts.clock.sql,
        counting,
        use=getattr(view, USE, None),
        code_will_do=parts.settings.demo,
        by_hand=not getattr(view, BY_ITSELF, False),
        plain=holder is not None and holder.plain,
    )
    if found is None:
        return None
    plain = found.station_id is None and found.acting is None
    _holders.put(hashed, Holder(found.person_id, plain))
    return _principal(found, by_cookie=bearer is None)


def _principal(found: Entered, *, by_cookie: bool) -> Principal:
    counted = None if found.counted is None else (found.counted, found.at)
    citizen = {Role.CITIZEN: frozenset({None})}  # all that a representative is
    return Principal(
        found.person_id,
        found.session_id,
        citizen if found.acting else found.roles,
        by_cookie=by_cookie,
        by_passkey=found.by_passkey,
        held_back=found.held_back,
        proved_at=found.proved_at,
        station_id=found.station_id,
        counted=counted,
        acting=found.acting,
        agreed=found.agreed,
    )


def session_token() -> str:
    """The caller's own token: `services().signer.for_session(session_token())`. Raises 401."""
    token = _bearer() or request.cookies.get(cookie_name(COOKIE))
    if maybe_principal() is None or not token:
        raise Problem("sign-in-needed", headers={"WWW-Authenticate": "Bearer"})
    return token


def _bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def public(view: View) -> View:
    """Open to anybody. A write by a browser still needs the form token."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if request.method not in SAFE_METHODS and not is_api():
            check_form_token()
        limits.check_writes(view, "")
        return view(*args, **kwargs)

    return marked(guarded, AUTH, PUBLIC)


def requires(*roles: Role) -> Callable[[View], View]:
    """Open to a signed-in person who holds one of the roles; to any, when none is named."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if "principal" not in g:
                g.principal = _find(count=limits.has_common_limit(view))
            if maybe_principal() is None and not is_api() and request.method in SAFE_METHODS:
                return _to_sign_in()
            person = principal()
            _check_open(view, person, roles)
            if person.by_cookie and request.method not in SAFE_METHODS:
                check_form_token()
            limits.check_writes(view, str(person.person_id), person.counted)
            return view(*args, **kwargs)

        return marked(guarded, AUTH, ",".join(sorted(role.value for role in roles)) or "signed-in")

    return decorate


def _check_open(view: View, person: Principal, roles: tuple[Role, ...]) -> None:
    """Raises Problem not-allowed, passkey-needed, shift-only, and what no mandate covers."""
    if person.acting is not None:
        check_covered(view, person.acting)
    if roles and not any(role in person.roles for role in roles):
        with_passkey = any(role in person.held_back for role in roles)
        raise Problem("passkey-needed" if with_passkey else "not-allowed")
    if not roles and person.station_id and not getattr(view, IN_A_SHIFT, False):
        raise Problem("shift-only")


def needs_consent(purpose: str, recipient: str = OPERATOR) -> Callable[[View], View]:
    """Only for whose person (`Principal.whose`) agrees to this use at this very request; the door
    asks it with session and roles. Raises consent-missing. Opening a value asks again. For routes
    with one recipient: what is handed to others (app.rights.disclosures) asks at the gate alone."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not principal().agreed:
                raise Problem("consent-missing")
            return view(*args, **kwargs)

        return marked(guarded, USE, Use(purpose, recipient))

    return decorate


def requires_step_up(view: View) -> View:
    """Only for whoever has just proved who they are. Raises step-up-needed."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not is_fresh(principal().proved_at, now()):
            raise Problem("step-up-needed")
        return view(*args, **kwargs)

    return marked(guarded, STEP_UP)


def needs_step_up(view: View) -> bool:
    return getattr(view, STEP_UP, False)


def auth_of(view: View) -> str | None:
    """What a view's decorator says: "public", "signed-in" or roles; None is a hole."""
    return cast("str | None", getattr(view, AUTH, None))


def mark_static(app: Flask) -> None:
    """Flask's own route for static files is public."""
    if "static" in app.view_functions:
        marked(app.view_functions["static"], AUTH, PUBLIC)


def _to_sign_in() -> ResponseReturnValue:
    if cookie_name(STATION_COOKIE) in request.cookies:  # whose shift closed by itself opens another
        return redirect("/station")
    return redirect("/sign-in?" + urlencode({"next": request.full_path.rstrip("?")}))
