"""A payment in words, the same on the till and on the payer's page."""

from __future__ import annotations

from types import SimpleNamespace

from app.merchants.models import PaymentState
from app.merchants.queries import PaymentView
from app.web import formats
from app.web.shell import state_words
from app.web.words import gettext as _


def shown(view: PaymentView) -> SimpleNamespace:
    """What templates read: `state` is a plain word, `when` and `until` are local times."""
    return SimpleNamespace(
        id=view.id,
        shop=view.shop,
        short_code=view.short_code,
        amount_cents=view.amount_cents,
        label=view.label,
        state=view.state.value,
        state_words=state_words(view.state.value),
        refunded_cents=view.refunded_cents,
        coming_back_cents=view.coming_back_cents,
        refundable_cents=view.refundable_cents,
        when=formats.moment(view.accepted_at or view.created_at),
        until=formats.hour(view.expires_at),
        explanation=_explanation(view),
    )


def _explanation(view: PaymentView) -> str:
    state = view.state
    if state is PaymentState.ACCEPTED:
        return _("Paid for good. It appears on the shared register within a minute.")
    if state is PaymentState.SETTLED:
        return _("Paid, and settled on the shared register.")
    if state is PaymentState.DECLINED and view.reason_code == "by-merchant":
        return _("The shop took its request back: nothing was paid.")
    if state is PaymentState.DECLINED:
        return _("Declined: nothing was paid.")
    if state is PaymentState.EXPIRED:
        return _("Nobody paid within five minutes: nothing was paid. Ask for a new code.")
    return ""
