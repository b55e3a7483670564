"""A SEPA credit transfer file as ISO 20022 pain.001.001.09, made without any network or database.

Amounts are integers in cents, EUR. Text is brought to the characters that every bank takes;
a file is complete or refused: `BankFileError` names what is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
MAX_NAME, MAX_REMITTANCE, MAX_ID = 70, 140, 35
_NOT_SEPA = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_ID = re.compile(r"[A-Za-z0-9+?:().,'-][A-Za-z0-9+?:().,' -]{0,34}")


class BankFileError(ValueError):
    """The file can't be made: no transfer, an amount or id that no bank takes."""


@dataclass(frozen=True)
class Party:
    """A holder and their account, IBAN without spaces."""

    name: str
    iban: str


@dataclass(frozen=True)
class Transfer:
    end_to_end_id: str
    creditor: Party
    amount_cents: int
    remittance: str


def parse_iban(text: str) -> str | None:
    """The IBAN without spaces, or None if its country, length or check digits are wrong."""
    try:
        iban = IBAN(text)
    except SchwiftyException:
        return None
    return str(iban.compact)


def plain(text: str, limit: int) -> str:
    """Letters, digits and the few signs that SEPA allows; accents fall, the rest becomes a dot."""
    joined = " ".join(text.replace("œ", "oe").replace("Œ", "OE").split())
    decomposed = unicodedata.normalize("NFKD", joined)
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    allowed = _NOT_SEPA.sub(".", bare.replace("’", "'"))
    return allowed[:limit].strip()


def pain001(
    *,
    message_id: str,
    created_at: datetime,
    execution_date: date,
    debtor: Party,
    transfers: Sequence[Transfer],
) -> bytes:
    """The file's bytes: one payment block, one transfer per creditor, sums in both headers."""
    _check(message_id, transfers)
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(f"{{{NAMESPACE}}}Document")
    initiation = _add(root, "CstmrCdtTrfInitn")
    total = sum(transfer.amount_cents for transfer in transfers)
    header = _add(initiation, "GrpHdr")
    _add(header, "MsgId", message_id)
    _add(header, "CreDtTm", created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _add(header, "NbOfTxs", str(len(transfers)))
    _add(header, "CtrlSum", _euros(total))
    _add(_add(header, "InitgPty"), "Nm", plain(debtor.name, MAX_NAME))
    block = _block(initiation, message_id, len(transfers), total, execution_date)
    _debtor(block, debtor)
    for transfer in transfers:
        _transfer(block, transfer)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _check(message_id: str, transfers: Sequence[Transfer]) -> None:
    if not transfers:
        raise BankFileError("a file has at least one transfer")
    ids = [transfer.end_to_end_id for transfer in transfers]
    if len(set(ids)) != len(ids):
        raise BankFileError("an end-to-end id appears twice")
    for identifier in (message_id, *ids):
        if not _ID.fullmatch(identifier):
            raise BankFileError(f"{identifier!r} is no id of at most {MAX_ID} SEPA characters")
    for transfer in transfers:
        if not 0 < transfer.amount_cents <= 99_999_999_999:
            raise BankFileError(f"{transfer.end_to_end_id}: no bank transfers this amount")


def _block(parent: ET.Element, message_id: str, count: int, total: int, day: date) -> ET.Element:
    block = _add(parent, "PmtInf")
    _add(block, "PmtInfId", message_id)
    _add(block, "PmtMtd", "TRF")
    _add(block, "BtchBookg", "false")  # each transfer is told apart on the statement
    _add(block, "NbOfTxs", str(count))
    _add(block, "CtrlSum", _euros(total))
    _add(_add(_add(block, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _add(_add(block, "ReqdExctnDt"), "Dt", day.isoformat())
    return block


def _debtor(block: ET.Element, debtor: Party) -> None:
    _add(_add(block, "Dbtr"), "Nm", plain(debtor.name, MAX_NAME))
    _account(block, "DbtrAcct", debtor.iban)
    institution = _add(_add(block, "DbtrAgt"), "FinInstnId")
    _add(_add(institution, "Othr"), "Id", "NOTPROVIDED")  # the IBAN alone tells the bank
    _add(block, "ChrgBr", "SLEV")


def _transfer(block: ET.Element, transfer: Transfer) -> None:
    item = _add(block, "CdtTrfTxInf")
    _add(_add(item, "PmtId"), "EndToEndId", transfer.end_to_end_id)
    amount = _add(_add(item, "Amt"), "InstdAmt", _euros(transfer.amount_cents))
    amount.set("Ccy", "EUR")
    _add(_add(item, "Cdtr"), "Nm", plain(transfer.creditor.name, MAX_NAME))
    _account(item, "CdtrAcct", transfer.creditor.iban)
    _add(_add(item, "RmtInf"), "Ustrd", plain(transfer.remittance, MAX_REMITTANCE))


def _account(parent: ET.Element, tag: str, iban: str) -> None:
    _add(_add(_add(parent, tag), "Id"), "IBAN", iban)


def _add(parent: ET.Element, tag: str, text: str | None = None) -> ET.Element:
    child = ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}")
    child.text = text
    return child


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
