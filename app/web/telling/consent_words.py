"""A consent's whole record in words: every field of ISO/IEC TS 27560 that it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from babel import Locale

from app.privacy.notices import register
from app.web import formats
from app.web.citizen import own_data_words
from app.web.shell import LANGUAGE_NAMES
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l
from app.web.words import locale, ngettext

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

RIGHT = {
    "access": _l("see it"), "portability": _l("take it along"), "rectification": _l("correct it"),
    "erasure": _l("have it erased"), "restriction": _l("have its use stopped"),
    "objection": _l("object"), "withdrawal": _l("withdraw"),
    "complaint": _l("complain to the authority"),
}  # fmt: skip
PARTY = {
    "public body": _l("public body"),
    "organisation": _l("organisation"),
    "person under mandate": _l("person under mandate"),
    "supervisory authority": _l("supervisory authority"),
}
ROLE = {
    "controller": _l("responsible for the data"),
    "authority": _l("supervises them"),
    "recipient": _l("is given the data"),
}
EVENT, CATEGORY = {"explicit consent": _l("explicit consent")}, {"none": _l("none")}
WORDS: dict[str, Mapping[str, Any]] = {
    "privacy_rights": RIGHT, "party_type": PARTY, "party_role": ROLE, "event_type": EVENT,
    "special_pii_category": CATEGORY, "event_state": STEP, "lawful_basis": own_data_words.BASIS,
    "language": LANGUAGE_NAMES,
}  # fmt: skip
WHO = {"entity_id", "pii_controllers", "recipient_third_parties", "authority_party", "party_id"}
WHERE = ("storage_locations", "processing_locations", "geographic_restrictions", "jurisdiction")
_DAYS = re.compile(r"P([0-9]+)D")


def groups(record: Mapping[str, Any]) -> list[SimpleNamespace]:
    """Titles with lines of a label and a value; nothing of the record is left out."""
    head = {name: value for name, value in record.items() if not isinstance(value, dict | list)}
    use = dict(record["pii_processing"])
    data = use.pop("pii_information")
    parties = record["party_identification"]
    parts = (
        (_("The record"), [head]),
        (_("The use"), [use]),
        (_("The data"), data),
        *((_("Who takes part: %(name)s", name=one["party_name"]), [one]) for one in parties),
        (_("What was decided"), record["events"]),
    )
    names = _names(record)
    return [
        SimpleNamespace(title=title, lines=[line for one in found for line in _lines(one, names)])
        for title, found in parts
    ]


def _names(record: Mapping[str, Any]) -> dict[str, str]:
    """Of whoever the record knows by a number or a word."""
    kinds = {name: one[locale()] for name, one in register()["recipients"].items()}
    parties = {one["party_id"]: one["party_name"] for one in record["party_identification"]}
    return kinds | parties | {record["pii_principal_id"]: _("the person themselves")}


def _lines(fields: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _lines(value, names)
        elif name == "pii_principal_id":
            yield str(FIELD[name]), value
        else:
            yield str(FIELD[name]), _value(name, value, names)


def _value(name: str, value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(name, one, names) for one in value) or "–"
    if name in WHO:
        return names.get(value, str(value))
    if name in WORDS:
        return str(WORDS[name].get(value, value))
    return SAID[name](value) if name in SAID else str(value)


def _lasts(value: str) -> str:
    days = _DAYS.fullmatch(value)
    if days is None:
        return _("until it is withdrawn")
    return ngettext("%(num)s day", "%(num)s days", int(days[1]))


def _when(value: str) -> str:
    return formats.moment(datetime.fromisoformat(value))


def _country(value: str) -> str:
    return str(Locale.parse(locale()).territories.get(value, value))


def _identifier(value: str) -> str:
    return _("identifier %(id)s", id=value)


SAID: dict[str, Callable[[str], str]] = {
    "event_time": _when,
    "validity_duration": _lasts,
    "purpose_type": _identifier,
    "pii_attribute_id": _identifier,
    **dict.fromkeys(WHERE, _country),
}
