"""What the import worker needs, tied together: clock, catalogue, programmes, money, accounts."""

from __future__ import annotations

from app.actions.imports.jobs import Tools
from app.actions.imports.uploads import uploads_folder
from app.identity.accounts import KeyMaker, addresses_for
from app.impact.catalogue import catalogue
from app.rewards.valuing.authenticate import programme_of
from app.rewards.valuing.imports import value_trips
from app.rewards.valuing.terms import terms_of
from app.services import Services


def tools_of(parts: Services, *, wallets: KeyMaker) -> Tools:
    """For `run_import_jobs`; `wallets` makes an account for a rider who has none yet."""
    return Tools(
        database=parts.database,
        now=parts.clock.now,
        uploads=uploads_folder(parts.settings.home),
        catalogue=catalogue(),
        terms=lambda session, programme_id, now: terms_of(
            session, programme_of(session, programme_id), now
        ),
        addresses=lambda session, people, programme_id, now: addresses_for(
            session, people, programme_id, signer=wallets, now=now
        ),
        valuer=value_trips,
    )
