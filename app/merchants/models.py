"""What you buy: every table of merchants, payments, refunds, pay-outs and bank files."""

from __future__ import annotations

from app.merchants.pay_out_models import (
    BankFile,
    BankOrder,
    BankOrderState,
    FeeCorrection,
    PayOut,
    PayOutLine,
    PayOutState,
)
from app.merchants.payment_models import (
    BankDetails,
    Merchant,
    MerchantProgramme,
    OrderState,
    PayeeState,
    Payment,
    PaymentOrder,
    PaymentState,
    Refund,
)

__all__ = [
    "BankDetails",
    "BankFile",
    "BankOrder",
    "BankOrderState",
    "FeeCorrection",
    "Merchant",
    "MerchantProgramme",
    "OrderState",
    "PayOut",
    "PayOutLine",
    "PayOutState",
    "PayeeState",
    "Payment",
    "PaymentOrder",
    "PaymentState",
    "Refund",
]
