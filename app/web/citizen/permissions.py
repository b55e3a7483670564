"""Every purpose with what the person decided about it, and whom they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from uuid import UUID

from app.actions.imports import links
from app.context import db_session, now
from app.errors import Problem
from app.identity import service as identity
from app.privacy import consents
from app.privacy.models import Consent
from app.privacy.notices import Purpose, purposes, register
from app.privacy.rules import ConsentState
from app.rights.disclosure_models import Disclosure
from app.rights.disclosures import PURPOSES, running
from app.typography import with_breaks_kept
from app.web import formats
from app.web.citizen import own_data_words as words
from app.web.words import locale


def purposes_of(person_id: UUID) -> list[SimpleNamespace]:
    """Each with what the person decided last about it, for each recipient."""
    newest = dict[tuple[str, str], Consent]()
    for row in consents.consents_of(db_session(), person_id):
        newest.setdefault((row.purpose, row.recipient), row)
    open_now = running(db_session(), now())
    return [
        _purpose(
            one,
            [row for row in newest.values() if row.purpose == one.id],
            [row for row in open_now if row.purpose == one.id],
        )
        for one in purposes().values()
    ]


def _purpose(purpose: Purpose, decided: list[Consent], asking: list[Disclosure]) -> SimpleNamespace:
    """`asking`: whoever studies under it now; with none, nobody is asked."""
    said = purpose.texts[locale()]
    return SimpleNamespace(
        id=purpose.id,
        title=said["title"],
        text=with_breaks_kept(said["text"]),
        asked=purpose.needs_consent,
        basis=str(words.BASIS[purpose.basis]),
        version=purpose.version,
        data=_listed(register()["data"][kind] for kind in purpose.data),
        retention=with_breaks_kept(purpose.retention[locale()]),
        by_partner=purpose.id == links.PURPOSE,  # asked where they are chosen
        studies=[_study(one, purpose, decided) for one in asking],
        shown=bool(asking or decided or purpose.id not in PURPOSES),
        decisions=[_decision(row, purpose) for row in decided],
    )


def _study(asked: Disclosure, purpose: Purpose, decided: list[Consent]) -> SimpleNamespace:
    since = asked.decided_at
    mine = [row for row in decided if row.recipient == asked.recipient]
    answered = [row for row in mine if since and row.given_at >= since]  # of this study
    return SimpleNamespace(
        recipient=asked.recipient,
        name=_recipient(asked.recipient),
        study=asked.study,
        holds=any(_holds(row, purpose) for row in answered),
        answered=bool(answered),
    )


def _listed(kinds: Iterable[Mapping[str, str]]) -> str:
    return "; ".join(kind[locale()] for kind in kinds)


def _holds(row: Consent, purpose: Purpose) -> bool:
    lasts = row.valid_until is None or row.valid_until > now()
    return row.state is ConsentState.GIVEN and row.notice_hash == purpose.hash and lasts


def _decision(row: Consent, purpose: Purpose) -> SimpleNamespace:
    given = _holds(row, purpose)
    state = "outdated" if row.state is ConsentState.GIVEN and not given else row.state.value
    return SimpleNamespace(
        id=row.id,
        recipient=row.recipient,
        name=_recipient(row.recipient),
        words=words.consent(state, formats.moment(row.ended_at or row.given_at)),
        may_end=row.state is ConsentState.GIVEN,
    )


def _recipient(recipient: str) -> str:
    """A partner by name."""
    try:
        return identity.organisation_by_id(db_session(), UUID(recipient)).name
    except (ValueError, Problem):
        return str(words.OPERATOR)
