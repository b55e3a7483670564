"""The simulated city's organisations: who vouches, who brings data, who takes tokens.

Keys of simulated organisations and clerks are held by the server, which the figures count apart.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from sqlalchemy.orm import Session

from app.actions.keys import ask_key, certificate_of, certify_key, keys_of
from app.actions.models import AttesterKey
from app.actions.organisation_keys import register_key
from app.demo.city import Place
from app.demo.founding import ensure_role
from app.demo.world import World
from app.errors import NotFound
from app.identity import service as identity
from app.identity.models import KeyCustody, Organisation, OrganisationKind, Role
from app.merchants.models import Merchant
from app.merchants.registration import (
    NewMerchant,
    confirm_merchant,
    details_to_confirm,
    propose_merchant,
)


def register_attesters(world: World) -> None:
    """Organisations with clerks whose keys they certified, and partners."""
    for place in world.city.attesters:
        _register_body(world, place, OrganisationKind.ATTESTER)
        with world.parts.database.transaction() as session:
            now = world.now(session)
            organisation_id = world.organisation(session, place.slug).id
            clerk = clerk_address(place)
            ensure_role(session, clerk, Role.ATTESTER, now, organisation_id)
            admin = admin_address(place)
            ensure_role(session, admin, Role.ATTESTER_ADMIN, now, organisation_id)
        _certify_clerk(world, place)
    for place in world.city.partners:
        _register_body(world, place, OrganisationKind.PARTNER)
        with world.parts.database.transaction() as session:
            organisation_id = world.organisation(session, place.slug).id
            now = world.now(session)
            ensure_role(session, place.slug, Role.PARTNER, now, organisation_id)
    _visitors_clerk(world)


def clerk_address(place: Place) -> str:
    return f"clerk-{place.slug}"


def admin_address(place: Place) -> str:
    return f"admin-{place.slug}"


def _visitors_clerk(world: World) -> None:
    """clerk@ works at the first attester with a key of the visitor's own browser."""
    with world.parts.database.transaction() as session:
        organisation_id = world.organisation(session, world.city.attesters[0].slug).id
        now = world.now(session)
        for role in (Role.ATTESTER, Role.ATTESTER_ADMIN):
            ensure_role(session, "clerk", role, now, organisation_id)


def _register_body(world: World, place: Place, kind: OrganisationKind) -> None:
    """The organisation, its server-held key, and its registration on the chain."""
    with world.parts.database.transaction() as session:
        organisation = _organisation(world, session, place, kind)
        if organisation.key_address is not None:
            return
        programme = world.programme(session)
        since = datetime.combine(programme.first_day, time(), UTC)
        organisation.key_address = world.parts.signer.new_account()
        organisation.key_custody = KeyCustody.SERVER
        second = world.person(session, "officer-2")  # "officer" entered it
        register_key(session, organisation.id, by=second, now=since)


def _certify_clerk(world: World, place: Place) -> None:
    """The simulated clerk's server-held key, certified by the organisation's."""
    if clerk_key(world, place) is not None:
        return
    with world.parts.database.session() as session:
        organisation = world.organisation(session, place.slug)
        admin = world.person(session, admin_address(place))
    signer = world.parts.signer.for_session(world.token(admin))
    with world.parts.database.transaction() as session:
        organisation = world.organisation(session, place.slug)
        key = ask_key(
            session,
            organisation=organisation,
            person_id=world.person(session, clerk_address(place)),
            address=signer.new_account(),
            scope=[],
            now=organisation.key_valid_from or world.now(session),
            custody=KeyCustody.SERVER,
        )
        certificate = certificate_of(key, organisation)
        certify_key(
            session,
            address=key.address,
            organisation=organisation,
            signature=signer.sign_statement(certificate.organisation, certificate),
            domain=world.domain,
            now=world.now(session),
        )


def clerk_key(world: World, place: Place) -> AttesterKey | None:
    """The simulated clerk's certified key."""
    with world.parts.database.session() as session:
        clerk = world.person(session, clerk_address(place))
        keys = keys_of(session, world.organisation(session, place.slug).id)
    return next((k for k in keys if k.person_id == clerk and k.certificate_signature), None)


def register_shops(world: World) -> None:
    """Entered by one officer, confirmed by another; the chain makes them payees."""
    for number, place in enumerate(world.city.shops, start=1):
        with world.parts.database.transaction() as session:
            kind = OrganisationKind.ASSOCIATION if place.association else OrganisationKind.MERCHANT
            organisation = _organisation(world, session, place, kind)
            if session.get(Merchant, organisation.id) is None:
                _register_shop(world, session, organisation, number)
    with world.parts.database.transaction() as session:
        bakery = world.organisation(session, world.city.shops[0].slug)
        ensure_role(session, "baker", Role.MERCHANT, world.now(session), bakery.id)


def _register_shop(world: World, session: Session, organisation: Organisation, number: int) -> None:
    now = world.now(session)
    entry = NewMerchant(
        organisation.id, organisation.name, simulated_iban(number), [world.programme(session).id]
    )
    officers = [world.person(session, local) for local in ("officer", "officer-2")]
    propose_merchant(session, entry, signer=world.parts.signer, by=officers[0], now=now)
    seen = details_to_confirm(session, organisation.id).id
    confirm_merchant(session, merchant_id=organisation.id, by=officers[1], now=now, seen=seen)


def simulated_iban(number: int) -> str:
    """A well-formed account of a bank that does not exist."""
    account = f"9999900000{number:011d}00"
    check = 98 - int(account + "152700") % 97  # F is 15, R is 27
    return f"FR{check:02d}{account}"


def _organisation(
    world: World, session: Session, place: Place, kind: OrganisationKind
) -> Organisation:
    try:
        return world.organisation(session, place.slug)
    except NotFound:
        return identity.create_organisation(
            session,
            slug=place.slug,
            kind=kind,
            name=place.name,
            district=place.district,
            by=world.person(session, "officer"),
            now=world.now(session),
        )
