"""An example of each of the main writes; a test loads every one by its schema."""

from __future__ import annotations

from typing import Any

_PROGRAMME = "01933b5e-7b2a-7c10-9a55-3f1d2b6c8e01"
_ORGANISATION = "01933b5e-7b2a-7c10-9a55-3f1d2b6c8e02"
_ADDRESS = "0x00000000000000000000000000000000000000a1"
_HASH = "0x" + "5a" * 32
_SIGNATURE = "0x" + "5a" * 64 + "1b"
_STATEMENT = {
    "programme_id": _HASH,
    "attester": _ADDRESS,
    "subject": _HASH,
    "action_type_id": 8,
    "action_type_version": 1,
    "quantity": 2500,
    "deed_at": 1_795_424_400,
    "nonce": _HASH,
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "NewSignInCode": {"email": "someone@example.org", "language": "en"},
    "NewToken": {
        "email": "someone@example.org",
        "challenge": "01920000-0000-7000-8000-000000000000",
        "code": "123456",
    },
    "NewDeed": {
        "programme_id": _PROGRAMME,
        "action_type": "bike-trip",
        "quantity": 3000,
        "deed_at": "2026-11-23T08:15:00Z",
    },
    "NewVisit": {
        "programme_id": _PROGRAMME,
        "short_number": "1234 5678",
        "time_code": "654321",
    },
    "NewDraft": {"subject": _HASH, "action_type": "glass-recycling", "quantity": 2500},
    "NewAttestation": {"statement": _STATEMENT, "signature": _SIGNATURE},
    "NewMeasurement": {
        "statement": _STATEMENT,
        "signature": _SIGNATURE,
        "salt": _HASH,
        "short_number": "12345678",
        "time_code": "654321",
    },
    "NewDeviceIn": {
        "name": "Scale 2",
        "key_address": _ADDRESS,
        "action_types": ["glass-recycling"],
    },
    "NewPayment": {"amount_cents": 240, "label": "Bread"},
    "PaymentAtTill": {"till_number": "123456", "amount_cents": 240},
    "NewAcceptance": {"signatures": []},
    "NewRefund": {"amount_cents": 50},
    "NewPayOuts": {"period": "2026-11", "cut_off": "2026-12-01T00:00:00+01:00"},
    "NewMerchantIn": {
        "organisation_id": _ORGANISATION,
        "account_holder": "A Bakery",
        "iban": "FR14 2004 1010 0505 0001 3M02 606",
    },
    "NewLinkCode": {"organisation_id": _ORGANISATION},
    "NewLink": {"rider_ref": "rider-7", "code": "ABCDE23456"},
    "NewFunding": {"amount_cents": 5_000_000, "bank_reference": "Transfer 2026-118"},
    "NewOrganisation": {"slug": "glass-north", "kind": "attester", "name": "Glass North"},
    "ConsentEnd": {"purpose": "partner_trips", "recipient": _ORGANISATION},
    "NewAppeal": {"text": "I was there; the scale showed 2.5 kg."},
    "MeChanges": {"language": "en"},
}
