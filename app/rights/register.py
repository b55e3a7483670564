"""The register of processing (GDPR, article 30) and the map of personal data, as Markdown and data.

Made of the same data that the notices, the gate and the retention job use; never written by hand:
`civis privacy register`, `civis privacy map`. docs/privacy/ holds both as they are now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column

from app.controller import FRENCH, Authority
from app.privacy.notices import Purpose, purposes, register
from app.privacy.retention import RULES
from app.rights.kept import KEPT
from app.rights.left_out import LEFT_OUT
from app.rights.parts import PARTS

UNKNOWN = "?"
_NAMES = {"person_id", "subject_id", "actor_id", "payer_id", "by", "address", "account_address"}
# Neither says so by its name: what the rules looked at is somebody's through the deed.
_ALSO = {("evaluation", "action_id"), ("evaluation", "facts")}
_NOT = {("evaluation", "cut_by")}  # limits
_WORDS = {
    "en": {
        "title": "Register of processing",
        "head": ("Purpose", "What for", "Basis", "Data", "Recipients", "Kept", "Notice"),
        "places": "Stored and processed in {places}; sent nowhere else. Rights: {rights}."
        " Complaints: {authority}.",
        "days": "asked again after {days} days",
    },
    "fr": {
        "title": "Registre des traitements",
        "head": ("Finalité", "Pour quoi", "Base", "Données", "Destinataires", "Gardé", "Notice"),
        "places": "Conservé et traité en {places} ; envoyé nulle part ailleurs. Droits : {rights}."
        " Réclamations : {authority}.",
        "days": "redemandé après {days} jours",
    },
}

_FRENCH = {
    "access": "accès",
    "portability": "portabilité",
    "rectification": "rectification",
    "erasure": "effacement",
    "restriction": "limitation",
    "objection": "opposition",
    "withdrawal": "retrait du consentement",
    "complaint": "réclamation",
    "consent": "consentement",
    "contract": "contrat",
    "public_task": "mission d’intérêt public",
    "legal_obligation": "obligation légale",
}


def term(code: str, language: str) -> str:
    """A right or a basis, as the Regulation's text in that language calls it."""
    return _FRENCH[code] if language == "fr" else code.replace("_", " ")


def names_a_person(column: Column[Any]) -> bool:
    """Whether a column says whose its row is, by a person's id or by an account of theirs."""
    place = (column.table.name, column.name)
    if place in _ALSO | _NOT:
        return place in _ALSO
    refers: Iterable[Any] = column.foreign_keys
    to = {key.column.table.name for key in refers}
    by = column.name.endswith(("_by", "_address"))
    return bool(to & {"person", "subject"}) or by or column.name in _NAMES


def is_sealed(column: Column[Any]) -> bool:
    return "sealed" in column.name


def register_data(language: str, authority: Authority = FRENCH) -> dict[str, Any]:
    """Every purpose, in one language."""
    return {
        "country": authority.country,
        "rights": register()["privacy_rights"],
        "authority": str(authority),
        "purposes": [_purpose(one, language) for one in purposes().values()],
    }


def register_text(language: str, authority: Authority = FRENCH) -> str:
    words, found = _WORDS[language], register_data(language, authority)
    rights = ", ".join(term(one, language) for one in found["rights"])
    said = str(words["places"]).format(places=authority.country, rights=rights, authority=authority)
    rows = [
        (one["title"], one["text"], term(one["basis"], language), ", ".join(one["data"]),
         ", ".join(one["recipients"]), one["kept"],
         f"{one['id']} {one['version']} `{one['hash'][:12]}`")
        for one in found["purposes"]
    ]  # fmt: skip
    return "\n".join([f"# {words['title']}", "", said, "", *rows_of(words["head"], rows), ""])


def map_data() -> list[dict[str, Any]]:
    """Every table with something of a person: what names them, what is sealed, until when."""
    # Needs every model, which only migrations, tests and this command import together.
    from app.tables import metadata  # noqa: PLC0415

    return [
        {
            "table": table.fullname,
            "named_by": [one.name for one in table.columns if names_a_person(one)],
            "sealed": [one.name for one in table.columns if is_sealed(one)],
            "ends": ends(table.fullname),
            "export": _export(table.fullname),
        }
        for table in sorted(metadata.tables.values(), key=lambda one: one.fullname)
        if any(names_a_person(c) or is_sealed(c) for c in table.columns)
    ]


def map_text() -> str:
    rows = [
        (f"`{one['table']}`", marked(one["named_by"]), marked(one["sealed"]), one["ends"],
         one["export"])
        for one in map_data()
    ]  # fmt: skip
    head = ("Table", "Names somebody by", "Sealed", "Ends", "In the person’s export")
    return "\n".join(["# Map of personal data", "", *rows_of(head, rows), ""])


def _purpose(one: Purpose, language: str) -> dict[str, Any]:
    known, kept = register(), one.retention[language]
    if one.valid_days:
        kept += " " + str(_WORDS[language]["days"]).format(days=one.valid_days) + "."
    return {
        "id": one.id,
        "version": one.version,
        "hash": one.hash.hex(),
        "title": one.texts[language]["title"],
        "text": one.texts[language]["text"],
        "basis": one.basis,
        "data": [known["data"][kind][language] for kind in one.data],
        "recipients": [known["recipients"][who][language] for who in one.recipients],
        "kept": kept,
    }


def marked(names: Iterable[str]) -> str:
    """As Markdown's code, or a dash for none."""
    return ", ".join(f"`{one}`" for one in names) or "–"


def ends(table: str) -> str:
    rule, kept = next((one for one in RULES if one.table == table), None), KEPT.get(table)
    said = []
    if rule is not None:
        days = round(rule.keep.total_seconds() / 86_400, 2)
        said.append(f"{days:g} days after `{rule.column}`: {rule.why}")
    if kept is not None:
        said.append(f"kept until {kept.until}: {kept.why}")
    return "; else ".join(said) or UNKNOWN


def _export(table: str) -> str:
    part = next((one.name for one in PARTS if table in one.tables), None)
    return f"`{part}`" if part else LEFT_OUT.get(table, "a secret or a record of others")


def rows_of(head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    cells = list(head)
    yield "| " + " | ".join(cells) + " |"
    yield "|" + "---|" * len(cells)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
