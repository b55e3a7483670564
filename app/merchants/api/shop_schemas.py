"""What shops and their bank details look like on the wire."""

from __future__ import annotations

from app.chain_fields import Address
from app.fields import Choice, Id, Input, List, Nested, Output, Text, UtcTime, WholeNumber
from app.identity.models import KeyCustody
from app.merchants.models import PayeeState


class NewMerchantIn(Input):
    organisation_id = Id(required=True)
    account_holder = Text(required=True, high=70)
    iban = Text(required=True, high=42)
    programme_ids = List(Id(), load_default=list)
    fee_basis_points = WholeNumber(load_default=0, high=1000)


class NewBankDetails(Input):
    account_holder = Text(required=True, high=70)
    iban = Text(required=True, high=42)


class ComparedDetails(Input):
    """The bank details that the second officer read: another entered meanwhile is not confirmed."""

    bank_details_id = Id(required=True)


class PendingDetails(Output):
    id = Id()
    account_holder = Text()
    iban = Text()
    proposed_at = UtcTime()


class TakenProgramme(Input):
    programme_id = Id(required=True)


class MerchantOut(Output):
    organisation_id = Id()
    address = Address()
    custody = Choice(KeyCustody)
    till_number = Text()
    state = Choice(PayeeState)
    fee_basis_points = WholeNumber()
    created_at = UtcTime()


class MerchantList(Output):
    items = List(Nested(MerchantOut))
