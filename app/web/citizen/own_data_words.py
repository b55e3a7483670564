"""The words of a person's own data: who read what of it, on which basis, how they are known."""

from __future__ import annotations

from collections.abc import Iterable

from app.identity.ages import AgeBand
from app.identity.models import IdentityLevel, Role
from app.web.telling.people_view import ROLE_WORDS
from app.web.words import gettext as _
from app.web.words import lazy_gettext as _l

OPERATOR = _l("the city")

LEVEL = {
    IdentityLevel.CARD: _l("a card, without name or address"),
    IdentityLevel.CONTACT: _l("an e-mail address that you showed to be yours"),
    IdentityLevel.VERIFIED: _l("papers that were checked"),
}
AGE = {
    AgeBand.UNDER_15: _l("under 15, with a parent's consent"),
    AgeBand.FROM_15_TO_17: _l("15 to 17"),
    AgeBand.ADULT: _l("18 or more"),
}
BASIS = {
    "consent": _l("only if you agree"),
    "contract": _l("needed for what you use here, so it is not asked"),
    "public_task": _l("a task of the city: not asked, but you may object"),
    "legal_obligation": _l("the law demands it, so it is not asked"),
}
KIND = {"browser": _l("a browser"), "api": _l("a program"), "shift": _l("a shift at a station")}

# Every sealed column; tests/unit/test_own_data_words.py compares with the tables.
SEALED = {
    ("person", "email_sealed"): _l("your e-mail address"),
    ("passkey", "name_sealed"): _l("the name of your passkey"),
    ("presence_secret", "secret_sealed"): _l("your one-minute code"),
    ("counter_visit", "number_sealed"): _l("the number of your card"),
    ("action", "note_sealed"): _l("the note of a deed"),
    ("appeal", "text_sealed"): _l("what you wrote in an appeal"),
    ("appeal", "answer_sealed"): _l("the answer to your appeal"),
    ("recovery", "email_sealed"): _l("the new address that officers entered for you"),
    ("emergency_access", "reason_sealed"): _l("why you opened emergency access"),
    ("emergency_review", "text_sealed"): _l("what you found in somebody's emergency access"),
    ("rights_request", "text_sealed"): _l("what you wrote in a request"),
    ("rights_request", "answer_sealed"): _l("the answer to your request"),
    ("mandate", "reference_sealed"): _l("the reference of a court's decision about you"),
    ("bank_details", "account_holder_sealed"): _l("your shop's account holder"),
    ("bank_details", "iban_sealed"): _l("your shop's IBAN"),
    ("bank_file", "xml_sealed"): _l("a bank file that pays your shop"),
    ("access_record", "entry_sealed"): _l("who looked at your data"),
}

# Reads of more than a sealed column.
LOOKS = {
    "disclosure": _l("your deeds for a study, without your name"),
    "emergency_access": _l("your emergency access"),
    "card": _l("your card, without a name"),
    "counter": _l("your card, balance, deeds, payments, and who looked"),
    "counter_rights": _l("all that you can see yourself, opened before you"),
    "counter_papers": _l("your papers, shown at the counter and not kept"),
    "counter_consent": _l("the receipt of a permission, printed for you"),
    "counter_proof": _l("the proof of a deed, printed for you"),
    "counter_export": _l("all of your data, handed out to you"),
    "representative": _l("what your mandate shows of your account"),
}


# Those who act for one another, or alone in an emergency, as the log has them.
SIDES = {
    "representative": _l("your representative"),
    "represented": _l("a person for whom you act"),
    "emergency": _l("one of the city's staff, by emergency access"),
    "researcher": _l("a body that studies deeds, as you agreed"),
}


def who(actor_role: str) -> str:
    """A role in words; a part of the system is Civis itself, without a person reading."""
    if actor_role.startswith("system:"):
        return _("Civis by itself; nobody read it")
    return str(SIDES.get(actor_role) or ROLE_WORDS[Role(actor_role)])


def what(resource: str, fields: Iterable[str]) -> str:
    if resource in LOOKS:
        return str(LOOKS[resource])
    named = [SEALED.get((resource, field)) for field in fields]
    return ", ".join(str(one) for one in named if one) or _("a list of what you did")


def consent(state: str, when: str) -> str:
    """A state in words; `outdated`: given to an older text, or for a time that is over."""
    said = {
        "requested": _("asked on %(when)s", when=when),
        "given": _("agreed on %(when)s", when=when),
        "refused": _("refused on %(when)s", when=when),
        "withdrawn": _("ended on %(when)s", when=when),
        "expired": _("run out on %(when)s", when=when),
    }
    return said.get(state) or _("agreed to an older text; no longer used", when=when)
