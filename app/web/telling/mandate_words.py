"""Mandates in words: who, for what, up to how much, until when, and what was done under them."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

from flask import request, url_for

from app.errors import Problem
from app.identity.mandates.models import MOST_DAY_CENTS, Act, MandateKind, MandateStep
from app.identity.mandates.service import Scope
from app.identity.mandates.views import MandateState, View
from app.web import formats, forms
from app.web.telling import people_view
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l

ACT = {
    Act.SEE: _l("See balance, deeds and payments"),
    Act.PAY: _l("Pay in shops"),
    Act.CONTEST: _l("Contest a card payment"),
    Act.RIGHTS: _l("Ask for corrections and restrictions"),
    Act.EXPORT: _l("Take all data along"),
    Act.CLOSE: _l("Close the account for good"),
}
USE = {
    Act.SEE: _l("looked at your account"),
    Act.PAY: _l("a payment"),
    Act.CONTEST: _l("a contest of a card payment"),
    Act.RIGHTS: _l("a request about data"),
    Act.EXPORT: _l("all data taken along"),
    Act.CLOSE: _l("the account closed"),
}
WAY = {
    Act.SEE: "me.home",
    Act.PAY: "pay.start",
    Act.RIGHTS: "me.requests_",
    Act.CLOSE: "me.before_closing",
}  # where a page begins; a contest begins at its payment, the archive is a button
STATE = {
    MandateState.OFFERED: (_l("waits for an answer"), "pending"),
    MandateState.ACTIVE: (_l("holds"), "active"),
    MandateState.REFUSED: (_l("refused"), "refused"),
    MandateState.ENDED: (_l("ended"), "withdrawn"),
    MandateState.OVER: (_l("over"), "expired"),
}


def choices(chosen: Iterable[str] = ()) -> list[SimpleNamespace]:
    """The closed list, for a form."""
    ticked = set(chosen)
    return [
        SimpleNamespace(value=act.value, label=str(label), ticked=act.value in ticked)
        for act, label in ACT.items()
    ]


def typed_scope() -> Scope:
    """Acts, amount and last day of the form. Raises Problem."""
    try:
        acts = frozenset(Act(one) for one in request.form.getlist("acts"))
    except ValueError as error:
        raise Problem("mandate-acts", field="acts", most_cents=MOST_DAY_CENTS) from error
    cents = forms.cents("amount") if Act.PAY in acts else None
    return Scope(acts, forms.last_day("last_day"), cents)


def shown(view: View) -> SimpleNamespace:
    words, tone = STATE[view.state]
    lasts = view.state in (MandateState.OFFERED, MandateState.ACTIVE)
    by_two = view.kind is MandateKind.GUARDIANSHIP
    return SimpleNamespace(
        id=view.id,
        who=_who(view, lasts=lasts),
        guardianship=by_two,
        acts=scope_words(view.acts, view.day_cents),
        ways=[(url_for(WAY[act]), str(ACT[act])) for act in map(Act, view.acts) if act in WAY],
        may_export=Act.EXPORT.value in view.acts,
        until=people_view.last_day(view.until),
        state=tone,
        state_words=str(words),
        waits=view.state is MandateState.OFFERED,
        holds=view.state is MandateState.ACTIVE,
        may_end=lasts and not by_two,
        uses=[_use(one) for one in view.uses],
    )


def _who(view: View, *, lasts: bool) -> str:
    if not lasts:
        return _("somebody, no more")
    return view.email or _("somebody with a card")


def scope_words(acts: Iterable[str], day_cents: int | None) -> list[str]:
    said = [str(ACT[Act(one)]) for one in acts]
    if day_cents is not None:
        said.append(_("at most %(amount)s within 24 hours", amount=formats.euros(day_cents)))
    return said


def _use(step: MandateStep) -> str:
    what = str(USE[step.act]) if step.act else ""
    return _("%(when)s: %(what)s", when=formats.moment(step.at), what=what)
