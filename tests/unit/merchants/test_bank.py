"""The bank file: its sums, its ids, and the letters that a bank takes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

import pytest

from app.merchants.bank import BankFileError, Party, Transfer, pain001, parse_iban, plain

NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
CITY = Party("Ville d'exemple", "FR7630006000011234567890189")
SHOP = Party("Boulangerie de l'Église & Cie", "FR1420041010050500013M02606")


def transfer(reference: str = "CIVIS-1", cents: int = 1205) -> Transfer:
    return Transfer(reference, SHOP, cents, "Programme d'été 2026-11")


def made(transfers: list[Transfer]) -> ET.Element:
    file = pain001(
        message_id="CIVIS-20261123-1",
        created_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        execution_date=date(2026, 11, 24),
        debtor=CITY,
        transfers=transfers,
    )
    return ET.fromstring(file)  # noqa: S314 - our own file


def texts(root: ET.Element, path: str) -> list[str | None]:
    return [found.text for found in root.iterfind(path, NS)]


def test_sums_and_counts_stand_in_both_headers() -> None:
    root = made([transfer("A", 1205), transfer("B", 5), transfer("C", 100_000)])
    assert texts(root, ".//p:NbOfTxs") == ["3", "3"]
    assert texts(root, ".//p:CtrlSum") == ["1012.10", "1012.10"]
    assert texts(root, ".//p:InstdAmt") == ["12.05", "0.05", "1000.00"]
    assert texts(root, ".//p:EndToEndId") == ["A", "B", "C"]


def test_who_pays_whom() -> None:
    root = made([transfer()])
    assert texts(root, ".//p:DbtrAcct//p:IBAN") == [CITY.iban]
    assert texts(root, ".//p:CdtrAcct//p:IBAN") == [SHOP.iban]
    assert texts(root, ".//p:Cdtr/p:Nm") == ["Boulangerie de l'Eglise . Cie"]
    assert texts(root, ".//p:ReqdExctnDt/p:Dt") == ["2026-11-24"]


@pytest.mark.parametrize(
    "transfers",
    [
        [],
        [transfer("A"), transfer("A")],
        [transfer("A" * 36)],
        [transfer("é")],
        [transfer("A", 0)],
        [transfer("A", -1)],
        [transfer("A", 100_000_000_000)],
    ],
    ids=["none", "twice", "id too long", "id with accent", "zero", "negative", "too much"],
)
def test_a_file_that_no_bank_takes_is_not_made(transfers: list[Transfer]) -> None:
    with pytest.raises(BankFileError):
        made(transfers)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Crêperie « Chez l’ours »", "Creperie . Chez l'ours ."),
        ("  deux\n lignes ", "deux lignes"),
        ("Cœur", "Coeur"),
        ("<b>", ".b."),
    ],
)
def test_letters_that_a_bank_takes(text: str, shown: str) -> None:
    assert plain(text, 70) == shown


def test_a_name_is_cut_to_what_fits() -> None:
    assert len(plain("x" * 200, 70)) == 70


@pytest.mark.parametrize(
    ("text", "iban"),
    [
        ("FR76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        ("FR7630006000011234567890188", None),
        ("FR763000600001123456789018", None),
        ("ZZ7630006000011234567890189", None),
        ("", None),
    ],
    ids=["spaced", "check digits", "too short", "no such country", "empty"],
)
def test_iban(text: str, iban: str | None) -> None:
    assert parse_iban(text) == iban
