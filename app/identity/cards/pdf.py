"""Cards on paper: five to an A4 page, the card on the left, its stub to keep at home on the right.

The QR code says the number as it is printed, so that a hand scanner types it. French and English
on each. Nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import segno

if TYPE_CHECKING:
    from fpdf import FPDF

CARD = (85.6, 54.0)  # millimetres, as a bank card
PER_PAGE = 5
_LEFT, _TOP = 19.0, 13.5
_QR = 30.0
_FRONT = (
    ("Présentez-la : vos gestes comptent.", "Show it: what you do counts."),
    ("Payez chez les commerçants avec votre code.", "Pay in shops with your PIN."),
)
_STUB = (
    ("Talon : gardez-le à la maison.", "Stub: keep it at home."),
    ("Carte perdue ? Il vous la fait bloquer et remplacer.", "Lost? It blocks and replaces it."),
    ("N'écrivez jamais votre code ici.", "Never write your PIN here."),
)


def batch_pdf(numbers: Sequence[str], phone: str | None) -> bytes:
    """`numbers` in groups as printed; `phone` of the city's help, if there is one."""
    from fpdf import FPDF  # noqa: PLC0415 - an eighth of a web process's start; rarely needed

    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(auto=False)
    pdf.set_title("Civis")
    pdf.c_margin = 0
    for at, number in enumerate(numbers):
        if at % PER_PAGE == 0:
            pdf.add_page()
        top = _TOP + at % PER_PAGE * CARD[1]
        _card(pdf, _LEFT, top, number)
        _stub(pdf, _LEFT + CARD[0], top, number, phone)
    return bytes(pdf.output())


def _card(pdf: FPDF, left: float, top: float, number: str) -> None:
    _frame(pdf, left, top, "Civis", "carte · card")
    pdf.image(_qr(number), left + CARD[0] - _QR - 4, top + 4, _QR, _QR)
    _words(pdf, left + 5, top + 20, _FRONT, CARD[0] - _QR - 12)
    _number(pdf, left + 5, top + 44, number)


def _stub(pdf: FPDF, left: float, top: float, number: str, phone: str | None) -> None:
    _frame(pdf, left, top, "Civis", "talon · stub")
    _words(pdf, left + 5, top + 16, _STUB, CARD[0] - 10)
    if phone:
        _line(pdf, left + 5, top + 41, 8, f"Aide · Help: {_plain(phone)}")
    _number(pdf, left + 5, top + 44, number)


def _frame(pdf: FPDF, left: float, top: float, name: str, kind: str) -> None:
    pdf.set_draw_color(150)
    pdf.rect(left, top, *CARD)
    pdf.set_font("Helvetica", "B", 16)
    pdf.text(left + 5, top + 10, name)
    _line(pdf, left + 5, top + 14, 8, kind)


def _words(
    pdf: FPDF, left: float, top: float, pairs: Sequence[tuple[str, str]], width: float
) -> None:
    pdf.set_xy(left, top)
    for french, english in pairs:
        for style, words in (("", french), ("I", english)):
            pdf.set_font("Helvetica", style, 7)
            pdf.set_x(left)
            pdf.multi_cell(width, 3, words, align="L", new_x="LEFT", new_y="NEXT")
        pdf.set_y(pdf.get_y() + 0.8)


def _number(pdf: FPDF, left: float, top: float, number: str) -> None:
    pdf.set_font("Courier", "B", 13)
    pdf.text(left, top + 4, number)


def _line(pdf: FPDF, left: float, top: float, size: float, words: str) -> None:
    pdf.set_font("Helvetica", "", size)
    pdf.text(left, top, words)


def _plain(text: str) -> str:
    """What the built-in fonts can write."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _qr(number: str) -> BytesIO:
    out = BytesIO()
    segno.make(number, error="m").save(out, kind="png", scale=8, border=1)
    out.seek(0)
    return out
