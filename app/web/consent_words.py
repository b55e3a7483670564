"""A consent's whole record in words: every field of ISO/IEC TS 27560 that it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from app.web import formats, own_data_words
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l

FIELD = {
    "schema_version": _l("Profile of the record"),
    "record_id": _l("Number of the record"),
    "pii_principal_id": _l("Number of the person"),
    "version": _l("Notice, version"),
    "sha256": _l("Notice, SHA-256"),
    "language": _l("Language"),
    "purpose": _l("Purpose"),
    "purpose_type": _l("Purpose in the register"),
    "lawful_basis": _l("Legal basis"),
    "collection_method": _l("How it was asked"),
    "processing_method": _l("How it is used"),
    "storage_locations": _l("Where it is kept"),
    "retention_period": _l("How long it is kept"),
    "processing_locations": _l("Where it is used"),
    "geographic_restrictions": _l("Where it may go"),
    "jurisdiction": _l("Law of"),
    "recipient_third_parties": _l("Given to"),
    "withdrawal_method": _l("How to withdraw"),
    "privacy_rights": _l("Rights"),
    "authority_party": _l("Authority"),
    "pii_controllers": _l("Responsible"),
    "pii_type": _l("Data"),
    "pii_attribute_id": _l("Data in the register"),
    "pii_optional": _l("May be left out"),
    "special_pii_category": _l("Special category"),
    "party_id": _l("Party"),
    "party_name": _l("Name"),
    "party_address": _l("Address"),
    "party_contact": _l("Contact"),
    "party_url": _l("Page"),
    "party_type": _l("Kind"),
    "party_role": _l("Role"),
    "event_time": _l("When"),
    "validity_duration": _l("Lasts"),
    "entity_id": _l("Entered by"),
    "event_type": _l("Kind of consent"),
    "event_state": _l("Step"),
}
STEP = {
    "requested": _l("asked"), "given": _l("agreed"), "refused": _l("refused"),
    "withdrawn": _l("withdrawn"), "expired": _l("run out"),
}  # fmt: skip


def groups(record: Mapping[str, Any]) -> list[SimpleNamespace]:
    """Titles with lines of a label and a value; nothing of the record is left out."""
    head = {name: value for name, value in record.items() if not isinstance(value, dict | list)}
    use = dict(record["pii_processing"])
    data = use.pop("pii_information")
    parts = (
        (_("The record"), [head]),
        (_("The use"), [use]),
        (_("The data"), data),
        (_("Who takes part"), record["party_identification"]),
        (_("What was decided"), record["events"]),
    )
    return [
        SimpleNamespace(title=title, lines=[line for one in found for line in _lines(one)])
        for title, found in parts
    ]


def _lines(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _lines(value)
        else:
            yield str(FIELD[name]), _value(name, value)


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    if name == "event_time":
        return formats.moment(datetime.fromisoformat(value))
    if name == "event_state":
        return str(STEP[value])
    if name == "lawful_basis":
        return str(own_data_words.BASIS.get(value, value))
    return str(value)
