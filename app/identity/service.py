"""Who you are: all use cases of this package in one place. None of them commits."""

from __future__ import annotations

from app.identity.accounts import account_for, accounts_of, find_account, owner_of
from app.identity.organisations import (
    create_organisation,
    organisation_by_id,
    organisation_by_slug,
    partners,
    revoke_organisation_key,
    set_organisation_key,
)
from app.identity.people import (
    close_person,
    email_of,
    person,
    person_by_email,
    register_person,
    set_language,
)
from app.identity.presence import (
    Presence,
    code_at,
    identify_by_code,
    presence_secret,
    renew_presence_secret,
)
from app.identity.roles import (
    confirm_role,
    end_role,
    grant_role,
    grants_to_confirm,
    hand_over,
    has_ended_at,
    held_grants,
    roles_of,
)
from app.identity.sessions import end_other_sessions, end_own_session, sessions_of
from app.identity.sign_in import (
    end_session,
    find_session,
    finish_sign_in,
    open_session,
    request_sign_in,
)

__all__ = [
    "Presence",
    "account_for",
    "accounts_of",
    "close_person",
    "code_at",
    "confirm_role",
    "create_organisation",
    "email_of",
    "end_other_sessions",
    "end_own_session",
    "end_role",
    "end_session",
    "find_account",
    "find_session",
    "finish_sign_in",
    "grant_role",
    "grants_to_confirm",
    "hand_over",
    "has_ended_at",
    "held_grants",
    "identify_by_code",
    "open_session",
    "organisation_by_id",
    "organisation_by_slug",
    "owner_of",
    "partners",
    "person",
    "person_by_email",
    "presence_secret",
    "register_person",
    "renew_presence_secret",
    "request_sign_in",
    "revoke_organisation_key",
    "roles_of",
    "sessions_of",
    "set_language",
    "set_organisation_key",
]
