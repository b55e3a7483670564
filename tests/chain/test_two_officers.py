"""What two officers decided reaches the chain: new rules' hash, and the end of a key."""

from __future__ import annotations

from datetime import timedelta

from app.actions.organisation_keys import offer_key, register_key
from app.chain import typed
from app.chain.contracts.codec import decode_answer, encode_call
from app.db import uuid7
from app.governance.service import confirm
from app.identity.models import OrganisationKind
from app.identity.organisations import create_organisation
from app.outbox.models import OutboxState
from app.rewards.models import Programme, RuleSet
from app.rewards.rule_sets.published import rule_set_hash
from app.rewards.rule_sets.rule_changes import propose_rules
from app.rewards.valuing.decided import propose_revocation
from tests.support.chain_world import World
from tests.support.city import RULES

ONE, OTHER = uuid7(), uuid7()


def test_a_revoked_key_is_no_longer_valid_on_the_chain(world: World) -> None:
    key = typed.address_of(typed.new_key())
    with world.transaction() as (session, now):
        body = create_organisation(
            session,
            slug=f"body-{uuid7().hex[-8:]}",
            kind=OrganisationKind.ATTESTER,
            name="Body",
            by=ONE,
            now=now,
        )
        offer_key(session, body, key, by=uuid7(), now=now)
        register_key(session, body.id, by=OTHER, now=now)
        body_id, since = body.id, int(now.timestamp())
    world.settle()
    assert _valid(world, key, since)
    with world.transaction() as (session, now):
        proposal = propose_revocation(
            session, organisation_id=body_id, reason="stolen", by=ONE, now=now
        )
    world.settle()
    assert _key(world, key) == (0, False), "a proposal alone revokes nothing"
    with world.transaction() as (session, now):
        confirm(session, proposal.id, by=OTHER, now=now)
    world.settle()
    revoked_at, for_cause = _key(world, key)
    assert (revoked_at >= since, for_cause) == (True, True)
    assert not _valid(world, key, revoked_at)


def _key(world: World, key: str) -> tuple[int, bool]:
    """When it was revoked (0: never), and whether for cause."""
    data = encode_call("Attesters", "keyOf", [key])
    answer = world.edge.client.read(world.edge.addresses["Attesters"], data)
    found = decode_answer("Attesters", "keyOf", answer)
    return int(found["revokedAt"]), bool(found["forCause"])


def _valid(world: World, key: str, moment: int) -> bool:
    data = encode_call("Attesters", "isValidAt", [key, moment])
    answer = world.edge.client.read(world.edge.addresses["Attesters"], data)
    return bool(decode_answer("Attesters", "isValidAt", answer))


def test_the_hash_of_confirmed_rules_is_on_the_chain(world: World) -> None:
    programme = world.programme()
    with world.transaction() as (session, now):
        ours = session.get_one(Programme, programme.id)
        begin = now + timedelta(days=1)
        first = RuleSet(
            programme_id=ours.id,
            version=1,
            rules=RULES,
            hash=rule_set_hash(RULES),
            valid_from=now,
            created_at=now,
        )
        session.add(first)
        proposal = propose_rules(
            session, ours, RULES, valid_from=begin, by=ONE, now=now, acknowledged=True
        )
        confirm(session, proposal.id, by=OTHER, now=now)
    world.settle()
    data = encode_call("Programmes", "programme", [programme.chain_id])
    answer = world.edge.client.read(world.edge.addresses["Programmes"], data)
    known = decode_answer("Programmes", "programme", answer)
    assert (known["ruleSetVersion"], known["ruleSetHash"]) == (2, proposal.payload["hash"])
    assert {state for _, state, _ in world.rows()} == {OutboxState.FINAL.value}
