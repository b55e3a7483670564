"""Each programme's rules for everybody: in plain words, with their hash and how to check it."""

from __future__ import annotations

from json import dumps
from types import SimpleNamespace
from uuid import UUID

from flask import Blueprint, Response
from sqlalchemy import select
from sqlmodel import col

from app.context import db_session, now
from app.errors import NotFound
from app.rewards.language.describing import Section
from app.rewards.models import Programme, RuleSet
from app.rewards.queries import programmes as all_programmes
from app.rewards.valuing.authenticate import programme_of
from app.rewards.valuing.terms import rules_in_force
from app.security import public
from app.web.shell import page
from app.web.telling import outside_view, rule_words
from app.web.telling.programme_view import life_words
from app.web.words import locale

blueprint = Blueprint("programmes", __name__)


@blueprint.get("/programmes")
@public
def home() -> Response:
    rows = all_programmes(db_session())
    return page("programmes/home.html", programmes=[_shown(row) for row in rows])


@blueprint.get("/programmes/<uuid:programme_id>")
@public
def one(programme_id: UUID) -> Response:
    session, programme = db_session(), programme_of(db_session(), programme_id)
    rows = _versions(programme)
    holding = rules_in_force(session, programme, now()) or (rows[-1] if rows else None)
    return page(
        "programmes/one.html",
        programme=_shown(programme),
        chain_id="0x" + programme.chain_id.hex(),
        holding=_version(holding) if holding else None,
        sections=_sections(programme, holding) if holding else [],
        versions=[_version(row) for row in rows],
        outside=outside_view.named(session, holding, now()) if holding else [],
        begun=holding is not None and holding.valid_from <= now(),
        coming=[
            _coming(programme, row, holding)
            for row in rows
            if holding and row.valid_from > now() and row.version != holding.version
        ],
    )


@blueprint.get("/programmes/<uuid:programme_id>/rules/<int:version>.json")
@public
def rules(programme_id: UUID, version: int) -> Response:
    """As stored: what the hash was made of."""
    found = db_session().get(RuleSet, (programme_id, version)) if version < 2**31 else None
    if found is None:
        raise NotFound
    name = f"{programme_of(db_session(), programme_id).slug}-rules-{version}.json"
    header = {"Content-Disposition": f"attachment; filename={name}"}
    text = dumps(found.rules, ensure_ascii=False, indent=1) + "\n"
    return Response(text, mimetype="application/json", headers=header)


def _versions(programme: Programme) -> list[RuleSet]:
    """Newest first."""
    query = select(RuleSet).where(col(RuleSet.programme_id) == programme.id)
    return list(db_session().scalars(query.order_by(col(RuleSet.version).desc())))


def _shown(row: Programme) -> SimpleNamespace:
    return SimpleNamespace(
        id=row.id,
        name=row.name[locale()],
        slug=row.slug,
        state=row.state.value,
        state_words=life_words(row),
        first=row.first_day,
        earn=row.last_day_to_earn,
        spend=row.last_day_to_spend,
    )


def _version(row: RuleSet) -> SimpleNamespace:
    return SimpleNamespace(version=row.version, since=row.valid_from, hash=f"0x{row.hash.hex()}")


def _sections(programme: Programme, row: RuleSet) -> list[Section]:
    return rule_words.sections(db_session(), row.rules, programme.time_zone)


def _coming(programme: Programme, row: RuleSet, holding: RuleSet) -> SimpleNamespace:
    """A version that two officers confirmed and that doesn't hold yet; against what holds now."""
    found = rule_words.changed(db_session(), holding.rules, row.rules, programme.time_zone)
    return SimpleNamespace(version=row.version, since=row.valid_from, changes=found)
