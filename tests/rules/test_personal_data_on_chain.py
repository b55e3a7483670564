"""P5: what the contracts put on a chain is known field by field; a new field fails until judged."""

from __future__ import annotations

import json
from pathlib import Path

from app.reporting.gateway_policy import EVENTS
from tests.rules.chain_fields import fields_on_chain

JUDGED: dict[str, str] = json.loads(
    (Path(__file__).parent / "personal_data_on_chain.json").read_text("utf-8")
)
CLASSES = {
    "administration": "roles, delays and operations of the city's own administration",
    "amount": "cents",
    "call": "a call's bytes, to our contracts, by the administration",
    "citizen account": "pseudonymous personal data: members and mandated auditors only",
    "commitment": "a hash of public content, or salted: says nothing by itself",
    "contract": "one of our contracts",
    "error": "a contract's own error, encoded",
    "identifier": "a number or random id of a programme, payment, kind or level",
    "merchant account": "pseudonymous, of a shop: members and mandated auditors only",
    "organisation": "a public key of the city or of a body that vouches",
    "public text": "a programme's or role's name, chosen by the city",
    "setting": "a state, a switch, a family",
    "signature": "says which account signed: members and mandated auditors only",
    "sum or count": "over many deeds, five people or more where it is a cell's",
    "time": "a day, month or moment that belongs to a rule, never to a deed",
}
RESTRICTED = {"citizen account", "merchant account", "signature"}
ADDRESSES = {"citizen account", "merchant account", "organisation", "contract"}


def test_every_field_is_classified() -> None:
    fields = {name for name, _ in fields_on_chain()}
    assert fields - JUDGED.keys() == set(), "judge it in personal_data_on_chain.json, with an ADR"
    assert JUDGED.keys() - fields == set(), "no contract has these any more"
    assert set(JUDGED.values()) <= CLASSES.keys()


def test_a_new_field_would_be_noticed() -> None:
    (name, _), *others = fields_on_chain()
    known = {other for other, _ in others}
    assert name not in known
    assert len(known) == len(JUDGED) - 1


def test_addresses_and_free_text_are_of_the_classes_that_may_hold_them() -> None:
    for name, kind in fields_on_chain():
        if kind.startswith("address"):
            assert JUDGED[name] in ADDRESSES, name
        if kind.startswith("string"):
            assert JUDGED[name] == "public text", name
        if kind.startswith("bytes") and not kind.startswith("bytes32") and kind != "bytes4":
            assert JUDGED[name] in {"call", "error", "signature", "administration"} or (
                "[]" in kind
            ), name


def test_no_public_event_holds_a_restricted_field() -> None:
    shown = {(contract, event) for contract, events in EVENTS.items() for event in events}
    for name, judged in JUDGED.items():
        contract, kind, member = name.split(" ", 2)
        if kind == "event" and (contract, member.partition(".")[0]) in shown:
            assert judged not in RESTRICTED, name


def test_people_s_accounts_are_restricted_wherever_they_appear() -> None:
    restricted = {name for name, judged in JUDGED.items() if judged in RESTRICTED}
    assert "ImpactToken event Transfer.to" in restricted
    assert "ActionRegistry call commitBatch.credits" in restricted
    assert "PaymentDesk event OrderExecuted.payer" in restricted
