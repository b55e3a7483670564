"""Acting for somebody else: each route says which act of a mandate covers it, or none does.

    @covered_by(Act.PAY)                 a representative may, whose mandate names this act
    @covered_by(Act.SEE, sees=["…"])     and what they look at stands in the owner's log
    @own_always                          of the signed-in person, also while they act for another

Whatever carries neither is refused while somebody acts for another. Put it last, right above the
function (above @body), so that it sees each deed once; `principal().whose` is the owner then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, cast
from uuid import UUID

from flask import g, request

from app.context import db_session, language, now
from app.errors import Problem
from app.identity.blocks import check_not_blocked
from app.identity.door import Acting
from app.identity.mandates import service as mandates
from app.identity.mandates.letters import PURPOSE
from app.identity.mandates.models import Act, StepKind
from app.privacy.service import Actor, record_access

View = Callable[..., Any]
COVER_MARK = "__civis_cover__"
ALWAYS = "always"
ROLE = "representative"  # as which they stand in the owner's log
WORDS = {
    Act.SEE: ("see balance, deeds and payments", "voir solde, gestes et paiements"),
    Act.PAY: ("pay", "payer"),
    Act.CONTEST: ("contest a card payment", "contester un paiement par carte"),
    Act.RIGHTS: ("ask for corrections and restrictions", "demander corrections et limitations"),
    Act.EXPORT: ("take the data along", "emporter les données"),
    Act.CLOSE: ("close the account", "fermer le compte"),
}


def covered_by(act: Act, *, sees: Sequence[str] = (), noted: bool = True) -> Callable[[View], View]:
    """Open to a representative whose mandate names the act. What they read is noted for the owner;
    each write is a use of the mandate that both are shown. `noted` False: the view calls another
    one, which notes it."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            acting = acting_now()
            if acting is not None and act is not Act.SEE:
                _check_free(acting)
            if acting is not None and noted:
                _note(acting, act, sees, kwargs)
            return view(*args, **kwargs)

        setattr(guarded, COVER_MARK, act)
        return guarded

    return decorate


def own_always(view: View) -> View:
    """About the signed-in person themselves, whoever they act for."""
    setattr(view, COVER_MARK, ALWAYS)
    return view


def cover_of(view: View) -> Act | str | None:
    return cast("Act | str | None", getattr(view, COVER_MARK, None))


def check_covered(view: View, acting: Acting) -> None:
    """At each use. Raises Problem mandate-ended, mandate-not-covered."""
    cover = cover_of(view)
    if cover == ALWAYS:
        return
    if not acting.live:
        raise Problem("mandate-ended")
    if cover not in acting.acts:
        raise Problem("mandate-not-covered", acts=words_of(acting.acts, language()))


def words_of(acts: frozenset[Act], spoken: str) -> str:
    return ", ".join(WORDS[act][spoken == "fr"] for act in Act if act in acts)


def acting_now() -> Acting | None:
    """For whom the caller acts in this request."""
    caller = g.get("principal")
    return cast("Acting | None", caller.acting if caller else None)


def reader() -> Actor:
    """The caller as who opens the owner's own words: themselves, or their representative."""
    acting, caller = acting_now(), g.principal.person_id
    return Actor.subject(caller) if acting is None else Actor(caller, ROLE)


def entered_by() -> UUID | None:
    """The representative who says something in the owner's place; None for the owner."""
    return g.principal.person_id if acting_now() else None


def _check_free(acting: Acting) -> None:
    """Nothing but looking while either side's wallet is blocked: somebody else may be at it.

    Raises Problem wallet-blocked.
    """
    for one in (acting.person_id, g.principal.person_id):
        check_not_blocked(db_session(), one, now())


def _note(acting: Acting, act: Act, sees: Sequence[str], arguments: dict[str, Any]) -> None:
    session, by = db_session(), g.principal.person_id
    if sees:
        record_access(
            session,
            acting.person_id,
            resource=ROLE,
            fields=sees,
            purpose=PURPOSE,
            actor=Actor(by, ROLE),
        )
    if request.method not in {"GET", "HEAD"} or act is Act.EXPORT:
        about = next((one for one in arguments.values() if isinstance(one, UUID)), None)
        mandates.add_step(
            session,
            acting.mandate_id,
            StepKind.USED,
            by=by,
            now=now(),
            act=act,
            about=about,
        )
