"""A person reads bank details: recorded, and only for comparing them before they count."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.merchants.bank import Party
from app.merchants.bank_files_kept import PURPOSE
from app.merchants.models import BankDetails
from app.merchants.payments import merchant_of
from app.privacy.service import Actor, Ref, open_sealed


def read_bank_details(session: Session, details: BankDetails, actor: Actor) -> Party:
    """Holder and IBAN. The read stands in the access log: commit even on a GET."""
    return Party(
        _read(session, details, "account_holder_sealed", actor),
        _read(session, details, "iban_sealed", actor),
    )


def _read(session: Session, details: BankDetails, column: str, actor: Actor) -> str:
    return open_sealed(
        session,
        merchant_of(session, details.merchant_id).subject_id,
        Ref("bank_details", column, details.id),
        getattr(details, column),
        purpose=PURPOSE,
        actor=actor,
    )
