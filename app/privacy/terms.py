"""What a purpose's register says, in the fields of ISO/IEC TS 27560: kept with each consent.

Who controls, who receives, where to turn and under which law is added where it is known
(app.rights.consent_receipts).
"""

from __future__ import annotations

from typing import Any

from app.privacy.notices import Purpose, register

SENSITIVE = "none"  # no kind of data of article 9 of the GDPR is asked for


def terms_of(purpose: Purpose, language: str, *, at_counter: bool = False) -> dict[str, Any]:
    """The `pii_processing` part of a record, in the language that the notice was shown in."""
    known = register()
    collected = known["collection_at_counter" if at_counter else "collection_method"]
    return {
        "schema_version": known["schema"],
        "privacy_notice": {"version": purpose.version, "sha256": purpose.hash.hex()},
        "language": language,
        "purpose": purpose.texts[language]["title"],
        "purpose_type": purpose.id,
        "lawful_basis": purpose.basis,
        "pii_information": [_information(kind, language) for kind in purpose.data],
        "collection_method": collected[language],
        "processing_method": known["processing_method"][language],
        "retention_period": purpose.retention[language],
        "recipient_third_parties": [one for one in purpose.recipients if one != "operator"],
        "withdrawal_method": known["withdrawal_method"][language],
        "privacy_rights": known["privacy_rights"],
    }


def _information(kind: str, language: str) -> dict[str, Any]:
    described = register()["data"][kind]
    return {
        "pii_type": described[language],
        "pii_attribute_id": kind,
        "pii_optional": described["optional"],
        "special_pii_category": SENSITIVE,
    }
