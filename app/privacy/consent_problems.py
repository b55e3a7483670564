"""What can be wrong with an answer to a question for consent."""

from __future__ import annotations

from app.errors import Problem, define
from app.privacy.notices import OPERATOR, Purpose, purpose_named

define(
    "consent-missing",
    403,
    en=(
        "Consent is missing",
        "The person has not agreed to this use, or no longer agrees.",
        "Ask the person; they can agree under “My data”.",
    ),
    fr=(
        "Le consentement manque",
        "La personne n’a pas accepté cet usage, ou ne l’accepte plus.",
        "Demandez à la personne ; elle peut l’accepter sous « Mes données ».",
    ),
)
define(
    "consent-unknown-purpose",
    422,
    en=("Unknown purpose", "There is nothing to agree to under this name.", "See “My data”."),
    fr=("Finalité inconnue", "Il n’y a rien à accepter sous ce nom.", "Voir « Mes données »."),
)
define(
    "consent-unknown-recipient",
    422,
    en=("Unknown recipient", "This is not asked for them.", "See “My data”."),
    fr=("Destinataire inconnu", "Ce n’est pas demandé pour lui.", "Voir « Mes données »."),
)
define(
    "consent-notice-changed",
    409,
    en=(
        "The notice has changed",
        "What you read is not the notice in force.",
        "Read the new notice and decide again.",
    ),
    fr=(
        "La notice a changé",
        "Ce que vous avez lu n’est pas la notice en vigueur.",
        "Lisez la nouvelle notice et décidez de nouveau.",
    ),
)


def askable(purpose: str, recipient: str, shown: str | None) -> Purpose:
    """The purpose, if this may be asked for this recipient and `shown` is its notice in force.

    Raises Problem consent-unknown-purpose, consent-unknown-recipient, consent-notice-changed.
    """
    try:
        described = purpose_named(purpose)
    except KeyError as error:
        raise Problem("consent-unknown-purpose", field="purpose") from error
    if not described.needs_consent:
        raise Problem("consent-unknown-purpose", field="purpose")
    of_city, others = OPERATOR in described.recipients, described.recipients != (OPERATOR,)
    if not (of_city if recipient == OPERATOR else others):
        raise Problem("consent-unknown-recipient", field="recipient")
    if shown not in (None, described.version):
        raise Problem("consent-notice-changed", field="notice_version")
    return described
