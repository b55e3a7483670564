"""What signing in and one's own page say over the wire."""

from __future__ import annotations

from app.chain_fields import Address
from app.config import LANGUAGES
from app.fields import (
    Choice,
    Email,
    Flag,
    Id,
    Input,
    List,
    Nested,
    Output,
    Short,
    Text,
    UtcTime,
    WholeNumber,
)
from app.identity.ages import AgeBand
from app.identity.models import IdentityLevel, OrganisationKind, Role, WalletKind


class NewSignInCode(Input):
    email = Email(required=True)
    language = Choice(LANGUAGES, load_default=None)


class SignInCodeSent(Output):
    challenge = Id(required=True)
    minutes = WholeNumber(required=True)
    tries = WholeNumber(required=True)


class NewToken(Input):
    challenge = Id(required=True)
    email = Email(required=True)
    code = Text(required=True, high=20)


class NewAddress(Input):
    email = Email(required=True)


class OwnAddress(NewAddress):
    challenge = Id(required=True)
    code = Text(required=True, high=20)


class TokenOut(Output):
    token = Text(required=True)
    person_id = Id(required=True)
    expires_at = UtcTime(required=True)


class SessionOut(Output):
    id = Id(required=True)
    kind = Text(required=True)
    created_at = UtcTime(required=True)
    last_seen_at = UtcTime(required=True)
    expires_at = UtcTime(required=True)
    own = Flag(required=True)


class SessionList(Output):
    items = List(Nested(SessionOut), required=True)


class SessionsEnded(Output):
    ended = WholeNumber(required=True)


class RoleOut(Output):
    role = Choice(Role, required=True)
    organisation_id = Id(required=True, allow_none=True)


class AccountOut(Output):
    programme_id = Id(required=True)
    address = Address(required=True)
    wallet = Choice(WalletKind, required=True)


class MeOut(Output):
    id = Id(required=True)
    identity_level = Choice(IdentityLevel, required=True)
    language = Text(required=True)
    simulated = Flag(required=True)
    age_band = Choice(AgeBand, required=True, allow_none=True)
    ask_age = Flag(required=True)
    acting_under = Id(required=True, allow_none=True)
    roles = List(Nested(RoleOut), required=True)
    accounts = List(Nested(AccountOut), required=True)


class AgeSaid(Input):
    """`band` null: they would rather not say. `month`, as 2029-03: in which somebody turns 15, or
    18, whom nobody asked before."""

    band = Choice(AgeBand, required=True, allow_none=True)
    month = Text(load_default=None, allow_none=True, high=7)


class MeChanges(Input):
    language = Choice(LANGUAGES, required=True)


class PresenceOut(Output):
    short_number = Text(required=True)
    secret = Text(required=True)
    step_seconds = WholeNumber(required=True)


class NewOrganisation(Input):
    slug = Short("a-z0-9-", low=3, high=40, required=True)
    kind = Choice(OrganisationKind, required=True)
    name = Text(required=True, high=120)
    district = Text(load_default=None, high=80)


class PartnerOut(Output):
    id = Id(required=True)
    name = Text(required=True)


class PartnerList(Output):
    items = List(Nested(PartnerOut), required=True)


class OrganisationOut(Output):
    id = Id(required=True)
    slug = Text(required=True)
    kind = Choice(OrganisationKind, required=True)
    name = Text(required=True)
    district = Text(allow_none=True)
    key_address = Address(allow_none=True)
    actions_per_day = WholeNumber(required=True)
    reward_cents_per_day = WholeNumber(required=True)
