"""One check per promise, each just done on the running demo: what a stranger may ask of us.

A check returns what it saw, in half a sentence, or raises BrokenPromiseError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import SystemRandom
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.actions.attestation import KIND as ATTESTATION
from app.actions.imports.links import PURPOSE
from app.actions.measurement import KIND as MEASUREMENT
from app.actions.models import Action, ActionState, Attestation, AttesterKey, Device, ProofLevel
from app.chain import typed
from app.demo import kills
from app.demo.partner_file import BIKES, PARTNER, hand_in, simulated_file, wait_for_job
from app.demo.stranger import audited
from app.demo.trials import BrokenPromiseError, must, refused_by_signer, second_time
from app.demo.world import World
from app.identity.models import KeyCustody, Organisation, Person
from app.impact.entries import RELATIONS
from app.outbox.models import ChainTransaction
from app.privacy.consents import withdraw_consent
from app.reporting.audit.published import fetch_export
from app.rewards.models import Batch, BatchState, RuleSet
from app.rewards.rule_sets.published import rule_set_hash

Check = Callable[[World], str]
SAMPLE = 50
_OVERDRAWN = text("""
    select count(*) from balance b where b.final_cents < (
      select coalesce(sum(h.amount_cents), 0) from hold h join programme p on p.id = h.programme_id
      where h.address = b.address and p.chain_id = b.programme_chain_id and h.ended_at is null)
""")
_UNEXPLAINED = text("""
    select count(*) from action a left join rule_set r
      on r.programme_id = a.programme_id and r.version = a.rule_set_version
    where a.state in ('settled', 'batched', 'reversed') and a.proof_level <> 'declared'
      and (r.version is null or r.valid_from > a.deed_at)
""")


def solvent(world: World) -> str:
    """Outstanding payments at a payee are held against what will come, so holds are counted."""
    checks = [c for c in audited(world).checks if "minted" in c.name or "funded" in c.name]
    must(len(checks) >= 4, "the audit compared no money")
    with world.parts.database.session() as session:
        overdrawn = session.scalar(_OVERDRAWN)
    must(overdrawn == 0, f"{overdrawn} accounts are below zero")
    return f"{checks[-1].name} ({checks[-1].detail}), no account is below its holds"


def only_the_owner(world: World) -> str:
    """Another citizen's live session does not move the account."""
    with world.parts.database.session() as session:
        owner, thief = (world.person(session, f"citizen-{n}") for n in (2, 3))
        custodial = session.scalar(text("select count(*) from account where wallet = 'custodial'"))
    code = refused_by_signer(world, owner, world.token(thief))
    must(code == "signer-not-owner", f"the signer said {code}")
    return (
        "the signer refused another citizen's session; "
        f"{custodial} accounts are custodial, and said to be"
    )


def nobody_named(world: World) -> str:
    """No id, no address of a person in anything that was sent to the chain."""
    with world.parts.database.session() as session:
        sent = list(session.scalars(select(col(ChainTransaction.raw))))
        people = [one.bytes for one in session.scalars(select(col(Person.id)))]
        accounts = [
            bytes.fromhex(a[2:]) for a in session.scalars(text("select address from account"))
        ]
    whole = b"".join(sent)
    must(not any(one in whole for one in people), "a person's id is on the chain")
    must(b"@" + b"demo.example" not in whole, "an e-mail address is on the chain")
    known = sum(one in whole for one in accounts)
    must(kills.gateway_refuses(world), "the gateway gave a raw transaction")
    return (
        f"{len(sent)} transactions name {known} pseudonymous accounts and no person; the gateway "
        "shows none of them"
    )


def recomputed(world: World) -> str:
    report = audited(world)
    return (
        f"{report.figures_compared} public figures were recomputed from the chain and agree; "
        f"{len(report.records)} of the city's records are labelled so"
    )


def consent_at_use(world: World) -> str:
    """A rider withdraws; their next trip is counted in the answer and not kept."""
    with world.parts.database.transaction() as session:
        partner = world.organisation(session, PARTNER)
        person = world.person(session, "citizen-2")
        now = world.now(session)
        withdraw_consent(session, person, PURPOSE, str(partner.id), now)
        before = _trips_of(session, person, partner)
    lines = simulated_file(BIKES, now, 1).splitlines()
    own = [line for line in lines if line.endswith(",rider-2")][:3]
    fresh = [f"late-{number}-{line}" for number, line in enumerate(own)]
    job = hand_in(world, BIKES, "\n".join([lines[0], *fresh]) + "\n")
    counts = wait_for_job(world, job)
    with world.parts.database.session() as session:
        after = _trips_of(session, person, world.organisation(session, PARTNER))
    must(after == before and counts == {"unlinked": len(own)}, f"kept after withdrawal: {counts}")
    return f"{len(own)} trips of a rider who withdrew were counted in the answer and not kept"


def _trips_of(session: Session, person: object, partner: Organisation) -> int:
    query = select(func.count()).where(
        col(Action.person_id) == person, col(Action.organisation_id) == partner.id
    )
    return session.scalar(query) or 0


def dated_rules(world: World) -> str:
    with world.parts.database.session() as session:
        unexplained = session.scalar(_UNEXPLAINED)
        rules = list(session.scalars(select(RuleSet)))
        settled = session.scalar(
            select(func.count()).where(
                col(Action.state) == ActionState.SETTLED,
                col(Action.proof_level) != ProofLevel.DECLARED,
            )
        )
    must(unexplained == 0, f"{unexplained} actions have no rule of their day")
    for one in rules:
        must(rule_set_hash(one.rules) == one.hash, "a rule set was altered")
        must(one.created_by is not None, "a rule set has no author")
    return (
        f"{settled} settled and vouched-for actions name the rule set of their day; each of "
        f"{len(rules)} rule sets has an author and the hash that was announced"
    )


def honest_figures(world: World) -> str:
    """Every figure only contributes, and each estimate names sourced factors."""
    export = fetch_export(f"http://127.0.0.1:{world.parts.settings.port}")
    estimates = 0
    for figure in export["figures"]:
        relations = {link["relation"] for link in figure["indicators"]}
        must(relations <= set(RELATIONS), f"{figure['id']} measures an indicator")
        if figure["co2e"] is not None:
            estimates += 1
            named = figure["co2e"]["factors"]
            must(bool(named), f"{figure['id']} names no factor")
            sourced = all(world.catalogue.factor(name).source for name in named)
            must(sourced, f"{figure['id']}: no source")
            kind = world.catalogue.action_type(figure["action_type"])
            must(bool(kind.baseline["en"]), f"{figure['id']} says not what would have been done")
            must(_in_range(figure["co2e"]), f"{figure['id']} lies outside its own range")
    return (
        f"{len(export['figures'])} figures contribute to indicators and measure none; {estimates} "
        "estimates name a baseline, and factors with version and source; none leaves its range"
    )


def _in_range(estimate: dict[str, Any]) -> bool:
    """Where the sources give a range at all; none is made up."""
    low, central, high = (estimate[f"{name}_g"] for name in ("low", "central", "high"))
    return (low is None and high is None) or low <= central <= high


def signed_rewards(world: World) -> str:
    """Every rewarded action has a statement; a drawn sample of signatures is checked."""
    with world.parts.database.session() as session:
        final = select(col(Batch.id)).where(col(Batch.state) == BatchState.FINAL)
        rewarded = (col(Action.reward_cents) > 0, col(Action.batch_id).in_(final))
        bare = session.scalar(
            select(func.count()).where(*rewarded, col(Action.attestation_digest).is_(None))
        )
        must(bare == 0, f"{bare} rewarded actions have no statement")
        digests = list(session.scalars(select(col(Action.attestation_digest)).where(*rewarded)))
        drawn = SystemRandom().sample(digests, min(SAMPLE, len(digests)))
        held = sum(_verified(session, digest) for digest in drawn if digest)
    return (
        f"{len(digests)} rewarded actions have a statement; {len(drawn)} drawn signatures are "
        f"right, {held} of them by keys that the server holds, which is said"
    )


def _verified(session: Session, digest: bytes) -> bool:
    """Whether the server held the key. Raises BrokenPromiseError for a wrong signature."""
    kept = session.get_one(Attestation, digest)
    must(typed.recover(digest, kept.signature) == kept.signer_address, "a signature is wrong")
    organisation = session.get_one(Organisation, kept.organisation_id)
    if kept.kind == ATTESTATION:
        key = session.get_one(AttesterKey, kept.signer_address)
        must(key.certified_by_address == organisation.key_address, "a key is not certified")
    elif kept.kind == MEASUREMENT:
        must(_confirmed_device(session, kept.signer_address), "a device is not confirmed")
    else:
        must(kept.signer_address == organisation.key_address, "not the partner's key")
    return kept.custody is KeyCustody.SERVER


def _confirmed_device(session: Session, address: str) -> bool:
    device = session.scalars(select(Device).where(col(Device.key_address) == address)).one()
    return device.confirmed_at is not None


PROMISES: Sequence[tuple[str, str, Check]] = (
    ("P1", "Accepted is durable", kills.accepted_is_durable),
    ("P2", "Once", second_time),
    ("P3", "Solvent", solvent),
    ("P4", "Only the owner spends", only_the_owner),
    ("P5", "Nothing on the chain names a person", nobody_named),
    ("P6", "Every public figure is recomputed or labelled", recomputed),
    ("P7", "Consent is checked at use", consent_at_use),
    ("P8", "No web request waits for the chain", kills.without_chain),
    ("P9", "Every rule has a date and an author", dated_rules),
    ("P10", "Honest figures", honest_figures),
    ("P11", "No reward without a signature", signed_rewards),
)

__all__ = ["PROMISES", "BrokenPromiseError"]
