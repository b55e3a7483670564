"""Who you are: people, how they sign in, organisations, roles, accounts and wallets.

A person has another random address in every programme; only this database links the two.
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.db import BigInt, text_enum, uuid7
from app.identity.ages import AgeBand
from app.identity.mandates import models as mandate_models  # noqa: F401 - used below
from app.identity.passkeys import models as passkey_models  # noqa: F401 - used below
from app.identity.stations import models as station_models  # noqa: F401 - used below


class IdentityLevel(enum.Enum):
    CARD = "card"
    CONTACT = "contact"
    VERIFIED = "verified"


class Role(enum.Enum):
    CITIZEN = "citizen"
    ATTESTER = "attester"
    ATTESTER_ADMIN = "attester_admin"  # keeps the organisation's key, certifies clerks' keys
    MERCHANT = "merchant"
    PARTNER = "partner"
    OFFICER = "officer"
    TREASURER = "treasurer"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class WalletKind(enum.Enum):
    CUSTODIAL = "custodial"
    DEVICE = "device"


class OrganisationKind(enum.Enum):
    CITY = "city"
    ATTESTER = "attester"
    PARTNER = "partner"
    MERCHANT = "merchant"
    ASSOCIATION = "association"


class KeyCustody(enum.Enum):
    BROWSER = "browser"  # made and kept by its holder
    DEVICE = "device"  # made and kept by the device itself
    SERVER = "server"  # held by the operator: said so, and counted apart


class Person(SQLModel, table=True):
    """A person; the id is the privacy subject's id. The address is sealed, found by keyed hash."""

    id: UUID = Field(primary_key=True, foreign_key="subject.id")
    email_lookup: bytes | None = Field(default=None, unique=True)
    email_sealed: bytes | None = None
    identity_level: IdentityLevel = Field(sa_type=text_enum(IdentityLevel, "identity_level"))
    age_band: AgeBand | None = Field(
        default=None, sa_type=text_enum(AgeBand, "age_band")
    )  # null: nobody has asked
    age_until: date | None = None  # the month in which to ask again
    age_declined: bool = False  # they would rather not say, and are not asked again
    language: str = "fr"
    simulated: bool = False
    created_at: datetime
    named_at: datetime | None = None  # by somebody else, and they have not come since
    closed_at: datetime | None = None


class SignInCode(SQLModel, table=True):
    """Six digits sent by mail: ten minutes, five tries, one use. Kept as a keyed hash.

    With a session it confirms who sits at that session, and signs nobody in.
    """

    __tablename__ = "sign_in_code"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    email_lookup: bytes = Field(index=True)
    code_hash: bytes
    created_at: datetime
    expires_at: datetime
    tries_left: int
    used_at: datetime | None = None
    session_id: UUID | None = Field(
        default=None, foreign_key="sign_in_session.id", ondelete="CASCADE"
    )


class SignInSession(SQLModel, table=True):
    """A browser's or a program's session; only a hash of its token is stored.

    `passkey_id`: the passkey that it came by, or was confirmed with; without one no role of
    PASSKEY_ROLES counts in it. `proved_at`: when the person last proved afresh who they are.
    `mandate_id`: for whom they act in it at present, if for another.
    `station_id`: of a shift there, which opens counter and till alone (app.identity.stations).
    """

    __tablename__ = "sign_in_session"
    __table_args__ = (
        CheckConstraint("(kind = 'shift') = (station_id is not null)", name="shift_at_station"),
        CheckConstraint(
            "station_id is null or (passkey_id is null and proved_at is null)", name="shift_alone"
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    token_hash: bytes = Field(unique=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    kind: str  # browser | api | shift
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    passkey_id: UUID | None = Field(
        default=None, foreign_key="passkey.id", ondelete="SET NULL", index=True
    )
    proved_at: datetime | None = None
    mandate_id: UUID | None = Field(default=None, foreign_key="mandate.id")
    station_id: UUID | None = Field(default=None, foreign_key="station.id", index=True)


class Organisation(SQLModel, table=True):
    """A body that vouches, brings data, or takes tokens. `key_address` is what the chain knows."""

    __table_args__ = (
        CheckConstraint("slug ~ '^[a-z0-9-]{3,40}$'", name="slug_short"),
        CheckConstraint("length(btrim(name)) between 1 and 120", name="name_length"),
        CheckConstraint("length(btrim(district)) between 1 and 80", name="district_length"),
        CheckConstraint("actions_per_day between 0 and 1000000", name="actions_bounded"),
        CheckConstraint("reward_cents_per_day between 0 and 1000000000", name="reward_bounded"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    slug: str = Field(unique=True)
    kind: OrganisationKind = Field(sa_type=text_enum(OrganisationKind, "kind"))
    name: str
    district: str | None = None
    time_zone: str = "Europe/Paris"
    key_address: str | None = Field(default=None, unique=True)
    key_custody: KeyCustody | None = Field(
        default=None, sa_type=text_enum(KeyCustody, "key_custody")
    )
    key_valid_from: datetime | None = None
    key_valid_until: datetime | None = None
    key_revoked_at: datetime | None = None
    next_key_address: str | None = Field(default=None, unique=True)  # offered, to follow a good one
    actions_per_day: int = 2000
    reward_cents_per_day: int = Field(default=500_000, sa_type=BigInt)
    state: str = "active"
    created_at: datetime
    created_by: UUID | None = None


class RoleGrant(SQLModel, table=True):
    """A role of a person, with dates; staff roles count only once another person confirmed."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("granted_by is null or granted_by <> person_id", name="not_oneself"),
        CheckConstraint(
            "confirmed_by is null or (confirmed_by <> granted_by and confirmed_by <> person_id)",
            name="second_person",
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    role: Role = Field(sa_type=text_enum(Role, "role"))
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id")
    valid_from: datetime
    valid_until: datetime | None = None
    granted_by: UUID | None = None  # null: by the installation itself
    confirmed_by: UUID | None = None


class Account(SQLModel, table=True):
    """A chain address of one person in one programme; one that was replaced stays on record."""

    __table_args__ = (
        Index(
            "uq_account_current",
            "person_id",
            "programme_id",
            unique=True,
            postgresql_where="replaced_at is null",
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    programme_id: UUID = Field(foreign_key="programme.id", index=True)
    address: str = Field(unique=True)
    wallet: WalletKind = Field(sa_type=text_enum(WalletKind, "wallet"))
    created_at: datetime
    replaced_at: datetime | None = None  # another account of the person goes on in its place


class PresenceSecret(SQLModel, table=True):
    """What a citizen's device makes its one-minute codes from: a short number and a secret."""

    __tablename__ = "presence_secret"

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    short_number: str = Field(unique=True)
    secret_sealed: bytes
    created_at: datetime


class PresenceUse(SQLModel, table=True):
    """One use of a code per attester's organisation: the key is the guard."""

    __tablename__ = "presence_use"

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    organisation_id: UUID = Field(primary_key=True, foreign_key="organisation.id")
    step: int = Field(primary_key=True, sa_type=BigInt)
    at: datetime


class Attempt(SQLModel, table=True):
    """Counted tries per key and window, for rate limits; losing them in a crash is harmless."""

    __table_args__ = (Index("ix_attempt_window_ends", "window_ends"), {"prefixes": ["UNLOGGED"]})

    key: str = Field(primary_key=True)
    window_ends: datetime = Field(primary_key=True)
    count: int
