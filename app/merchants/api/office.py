"""The city's side: shops are entered by one officer and confirmed by another; treasurers pay."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from app.context import db_session, now, request_id, services
from app.governance.models import Proposal
from app.governance.schemas import ProposalOut
from app.idempotency import idempotent
from app.identity.models import Role
from app.merchants import bank_files, pay_outs, queries, registration
from app.merchants.api.blueprint import blueprint
from app.merchants.api.schemas import (
    BankFileList,
    BankFileOut,
    BankOrderOut,
    CorrectionOut,
    NewCorrection,
    NewPayOuts,
    PayOutCount,
    Refusal,
)
from app.merchants.api.shop_schemas import (
    ComparedDetails,
    MerchantList,
    MerchantOut,
    NewBankDetails,
    NewMerchantIn,
    PendingDetails,
    TakenProgramme,
)
from app.merchants.bank import Party
from app.merchants.bank_reading import read_bank_details
from app.merchants.closing import propose_closing
from app.merchants.models import BankFile, BankOrder, FeeCorrection, Merchant
from app.merchants.taking import propose_taking
from app.merchants.wiring import city_account_of
from app.openapi import answers, body, streams
from app.privacy.service import Actor
from app.security import principal, requires


@blueprint.get("/merchants")
@requires(Role.OFFICER)
@answers(MerchantList)
def list_merchants() -> dict[str, Any]:
    """All shops, those that wait for a second officer too."""
    return {"items": queries.merchants(db_session())}


@blueprint.post("/merchants")
@requires(Role.OFFICER)
@idempotent
@body(NewMerchantIn)
@answers(MerchantOut, status=201)
def propose_merchant(body: dict[str, Any]) -> Merchant:
    """Enter a shop; it counts once another officer confirms and the chain knows it."""
    return registration.propose_merchant(
        db_session(),
        registration.NewMerchant(**body),
        signer=services().signer,
        by=principal().person_id,
        now=now(),
    )


@blueprint.post("/merchants/<uuid:merchant_id>/confirmation")
@requires(Role.OFFICER)
@idempotent
@body(ComparedDetails)
@answers(MerchantOut)
def confirm_merchant(merchant_id: UUID, body: dict[str, Any]) -> Merchant:
    """The second officer's yes, to the shop and to the bank details that they compared."""
    return registration.confirm_merchant(
        db_session(),
        merchant_id=merchant_id,
        by=principal().person_id,
        now=now(),
        seen=body["bank_details_id"],
    )


@blueprint.get("/merchants/<uuid:merchant_id>/bank-details")
@requires(Role.OFFICER)
@answers(PendingDetails)
def pending_bank_details(merchant_id: UUID) -> dict[str, Any]:
    """The bank account that waits for a second officer, to compare; the reading is recorded."""
    details = registration.details_to_confirm(db_session(), merchant_id)
    actor = Actor(principal().person_id, Role.OFFICER.value)
    account = read_bank_details(db_session(), details, actor)
    read = {"account_holder": account.name, "iban": account.iban}
    return {"id": details.id, "proposed_at": details.proposed_at, **read}


@blueprint.post("/merchants/<uuid:merchant_id>/bank-details")
@requires(Role.OFFICER)
@idempotent
@body(NewBankDetails)
@answers(None, status=204)
def propose_bank_details(merchant_id: UUID, body: dict[str, Any]) -> None:
    """Enter another bank account; the old one is used until a second officer confirms."""
    registration.propose_bank_details(
        db_session(),
        merchant_id=merchant_id,
        account=Party(body["account_holder"], body["iban"]),
        by=principal().person_id,
        now=now(),
    )


@blueprint.post("/merchants/<uuid:merchant_id>/bank-details/confirmation")
@requires(Role.OFFICER)
@idempotent
@body(ComparedDetails)
@answers(None, status=204)
def confirm_bank_details(merchant_id: UUID, body: dict[str, Any]) -> None:
    """Confirm the bank account that was entered last, if it is the one that was compared."""
    registration.confirm_bank_details(
        db_session(),
        merchant_id=merchant_id,
        by=principal().person_id,
        now=now(),
        seen=body["bank_details_id"],
    )


@blueprint.post("/merchants/<uuid:merchant_id>/programmes")
@requires(Role.OFFICER)
@idempotent
@body(TakenProgramme)
@answers(ProposalOut, status=201)
def take_programme(merchant_id: UUID, body: dict[str, Any]) -> Proposal:
    """Proposes that the shop takes this programme's tokens; another officer confirms."""
    by = principal().person_id
    return propose_taking(db_session(), merchant_id=merchant_id, by=by, now=now(), **body)


@blueprint.post("/merchants/<uuid:merchant_id>/closing")
@requires(Role.OFFICER)
@idempotent
@answers(ProposalOut, status=201)
def close_merchant(merchant_id: UUID) -> Proposal:
    """Proposes that a shop takes no new payments; what was accepted still arrives and is paid
    out. Another officer confirms."""
    by = principal().person_id
    return propose_closing(db_session(), merchant_id=merchant_id, by=by, now=now())


@blueprint.post("/pay-outs")
@requires(Role.TREASURER)
@idempotent
@body(NewPayOuts)
@answers(PayOutCount)
def close_periods(body: dict[str, Any]) -> dict[str, int]:
    """Close a period of every shop and programme. Closing it again changes nothing."""
    return {"pay_outs": pay_outs.close_due_periods(db_session(), now=now(), **body)}


@blueprint.get("/bank-files")
@requires(Role.TREASURER)
@answers(BankFileList)
def list_bank_files() -> dict[str, Any]:
    """The files made so far, newest first."""
    return {"items": queries.bank_files(db_session())}


@blueprint.post("/bank-files")
@requires(Role.TREASURER)
@idempotent
@answers(BankFileOut, status=201)
def make_bank_file() -> BankFile:
    """One file of all that is owed and burned, refused transfers again among them."""
    parts, by = services(), principal().person_id
    debtor, folder = city_account_of(parts), parts.settings.kept.artefacts
    return bank_files.make_bank_file(db_session(), debtor=debtor, folder=folder, by=by, now=now())


@blueprint.get("/bank-files/<uuid:file_id>.xml")
@requires(Role.TREASURER)
@streams("application/xml")
def download_bank_file(file_id: UUID) -> Response:
    """ISO 20022 pain.001.001.09; each download is recorded."""
    actor = Actor(principal().person_id, Role.TREASURER.value, request_id())
    xml = bank_files.download_bank_file(db_session(), file_id=file_id, actor=actor)
    answer = Response(xml, mimetype="application/xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{file_id}.xml"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/bank-files/<uuid:file_id>/confirmation")
@requires(Role.TREASURER)
@idempotent
@answers(PayOutCount)
def confirm_file(file_id: UUID) -> dict[str, int]:
    """The bank did every transfer of the file that is still undecided."""
    by = principal().person_id
    return {"pay_outs": bank_files.confirm_file(db_session(), file_id=file_id, by=by, now=now())}


@blueprint.post("/bank-orders/<uuid:order_id>/confirmation")
@requires(Role.TREASURER)
@idempotent
@answers(BankOrderOut)
def confirm_transfer(order_id: UUID) -> BankOrder:
    """The bank statement shows it."""
    return bank_files.confirm_transfer(
        db_session(), order_id=order_id, by=principal().person_id, now=now()
    )


@blueprint.post("/bank-orders/<uuid:order_id>/refusal")
@requires(Role.TREASURER)
@idempotent
@body(Refusal)
@answers(BankOrderOut)
def refuse_transfer(order_id: UUID, body: dict[str, Any]) -> BankOrder:
    """The bank sent it back; the next file pays it again."""
    return bank_files.refuse_transfer(
        db_session(), order_id=order_id, by=principal().person_id, now=now(), **body
    )


@blueprint.post("/pay-out-lines/<uuid:line_id>/corrections")
@requires(Role.TREASURER)
@idempotent
@body(NewCorrection)
@answers(CorrectionOut, status=201)
def propose_correction(line_id: UUID, body: dict[str, Any]) -> FeeCorrection:
    """A fee was wrong: once confirmed it becomes a contra-line of the next pay-out."""
    return pay_outs.propose_correction(
        db_session(), line_id=line_id, by=principal().person_id, now=now(), **body
    )


@blueprint.post("/corrections/<uuid:correction_id>/confirmation")
@requires(Role.TREASURER)
@idempotent
@answers(CorrectionOut)
def confirm_correction(correction_id: UUID) -> FeeCorrection:
    """The second treasurer's yes."""
    return pay_outs.confirm_correction(
        db_session(), correction_id=correction_id, by=principal().person_id, now=now()
    )
