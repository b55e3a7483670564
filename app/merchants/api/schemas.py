"""What payments look like on the wire. Nothing of a payer is ever among it."""

from __future__ import annotations

from app.chain_fields import Address, Hash32, Signature
from app.fields import (
    MAX_WHOLE,
    Cents,
    Choice,
    Day,
    Flag,
    Id,
    Input,
    List,
    Nested,
    Output,
    QueryNumber,
    Text,
    UtcTime,
    WholeNumber,
)
from app.merchants.contest_models import ContestState
from app.merchants.models import BankOrderState, OrderState, PaymentState, PayOutState


class NewPayment(Input):
    amount_cents = Cents(required=True)
    label = Text(load_default=None, allow_none=True, high=80)


class PaymentAtTill(Input):
    till_number = Text(required=True, high=12)
    amount_cents = Cents(required=True)


class OrderSignature(Input):
    order_id = Hash32(required=True)
    signature = Signature(required=True)


class NewAcceptance(Input):
    """`signatures`: for orders on a device's accounts; custodial ones need none."""

    signatures = List(Nested(OrderSignature), load_default=list)


class NewRefund(Input):
    amount_cents = Cents(required=True)


class PaymentOut(Output):
    id = Id()
    shop = Text()
    short_code = Text()
    pay_url = Text()
    amount_cents = Cents()
    refunded_cents = Cents(low=0)
    refundable_cents = Cents(low=0)
    label = Text(allow_none=True)
    state = Choice(PaymentState)
    reason_code = Text(allow_none=True)
    created_at = UtcTime()
    expires_at = UtcTime()
    accepted_at = UtcTime(allow_none=True)
    settled_at = UtcTime(allow_none=True)
    contestable_until = UtcTime(allow_none=True)
    contest = Choice(ContestState, allow_none=True)


class PaymentList(Output):
    items = List(Nested(PaymentOut))


class OrderToSign(Output):
    """`signed_by_device`: sign `id` (the EIP-712 digest of these fields) with the account's key."""

    id = Hash32()
    payment_id = Hash32()
    programme_id = Hash32()
    payer = Address()
    payee = Address()
    amount_cents = Cents()
    requested_until = WholeNumber()
    signed_by_device = Flag()


class OrderList(Output):
    items = List(Nested(OrderToSign))


class RefundOut(Output):
    id = Hash32()
    amount_cents = Cents()
    state = Choice(OrderState)
    created_at = UtcTime()
    settled_at = UtcTime(allow_none=True)


class RefundList(Output):
    items = List(Nested(RefundOut))


class DayQuery(Input):
    day = Day(load_default=None)


class DayTotalOut(Output):
    day = Day()
    payments = WholeNumber(attribute="total.payments")
    paid_cents = Cents(low=0, attribute="total.paid_cents")
    refunded_cents = Cents(low=0, attribute="total.refunded_cents")
    total_cents = WholeNumber(low=-MAX_WHOLE, attribute="total.total_cents")


class MonthQuery(Input):
    year = QueryNumber(required=True, low=2020, high=2200)
    month = QueryNumber(required=True, low=1, high=12)


class PayOutOut(Output):
    id = Id()
    merchant_id = Id()
    programme_id = Id()
    period = Text()
    cut_off = UtcTime()
    reference = Hash32()
    gross_cents = Cents()
    fee_cents = WholeNumber()
    net_cents = Cents(low=0)
    state = Choice(PayOutState)
    created_at = UtcTime()
    burned_at = UtcTime(allow_none=True)
    confirmed_at = UtcTime(allow_none=True)


class StatementOut(Output):
    year = WholeNumber(attribute="month.year")
    month = WholeNumber(attribute="month.month")
    payments = WholeNumber(attribute="total.payments")
    paid_cents = Cents(low=0, attribute="total.paid_cents")
    refunded_cents = Cents(low=0, attribute="total.refunded_cents")
    total_cents = WholeNumber(low=-MAX_WHOLE, attribute="total.total_cents")
    pay_outs = List(Nested(PayOutOut))


class NewPayOuts(Input):
    """Closes the period of every shop and programme; closing it again changes nothing."""

    period = Text(required=True, high=30)
    cut_off = UtcTime(required=True)


class PayOutCount(Output):
    pay_outs = WholeNumber()


class PayOutList(Output):
    items = List(Nested(PayOutOut))


class LineOut(Output):
    id = Id(attribute="line.id")
    kind = Text(attribute="line.kind")
    amount_cents = WholeNumber(low=-MAX_WHOLE, attribute="line.amount_cents")
    fee_cents = WholeNumber(low=-MAX_WHOLE, attribute="line.fee_cents")
    reason = Text(attribute="line.reason", allow_none=True)
    payment_id = Id(allow_none=True)
    short_code = Text(allow_none=True)


class BankOrderOut(Output):
    id = Id()
    bank_file_id = Id()
    end_to_end_id = Text()
    amount_cents = Cents()
    state = Choice(BankOrderState)
    reason = Text(allow_none=True)
    decided_at = UtcTime(allow_none=True)


class TrailOut(Output):
    pay_out = Nested(PayOutOut)
    lines = List(Nested(LineOut))
    bank_orders = List(Nested(BankOrderOut))


class TrailList(Output):
    items = List(Nested(TrailOut))


class BankFileOut(Output):
    id = Id()
    message_id = Text()
    total_cents = Cents()
    transfers = WholeNumber()
    created_at = UtcTime()


class BankFileList(Output):
    items = List(Nested(BankFileOut))


class Refusal(Input):
    reason = Text(required=True, high=140)


class NewCorrection(Input):
    """`fee_cents` below 0: the shop was charged too much."""

    fee_cents = WholeNumber(required=True, low=-1_000_000, high=1_000_000)
    reason = Text(required=True, high=200)


class CorrectionOut(Output):
    id = Id()
    line_id = Id()
    fee_cents = WholeNumber(low=-MAX_WHOLE)
    reason = Text()
    proposed_at = UtcTime()
    confirmed_at = UtcTime(allow_none=True)
