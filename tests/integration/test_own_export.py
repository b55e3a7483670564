"""What a person takes with them: everything, nobody else's, each file as the manifest has it."""

from __future__ import annotations

import csv
import json
import tracemalloc
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy.orm import Session

from app.actions import review
from app.clock import Clock
from app.identity import service as identity
from app.identity.models import IdentityLevel
from app.rewards.valuing import deeds
from app.rights import export as export_module
from app.rights.export import FORMAT, export
from app.rights.left_out import LEFT_OUT
from app.rights.parts import PARTS
from app.rights.register import names_a_person
from app.tables import metadata
from tests.support.city import City
from tests.support.many_deeds import copy_deeds

EMAIL = "mover@city.example"
OBJECTION = "=I was there, with my bike"


@dataclass
class Mover:
    """Somebody with a deed that was refused, their objection, and the answer."""

    id: UUID
    action: UUID
    files: dict[str, bytes]

    def rows(self, part: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.files[f"{part}.json"])
        return found


@pytest.fixture
def city(db: Session) -> City:
    return City(db, Clock().now(db).replace(microsecond=0))


@pytest.fixture
def mover(db: Session, city: City) -> Mover:
    level = IdentityLevel.CONTACT
    person = identity.register_person(db, EMAIL, level=level, now=city.now).id
    clerk, programme, officer = city.clerk(city.organisation()), city.programme(), city.citizen()
    action = city.attest(clerk, person, programme)
    city.attest(clerk, city.citizen().id, programme)  # somebody else's
    deeds.refuse(db, action.id, reason="not-plausible", by=officer.id, now=city.now)
    appeal = review.appeal(db, action_id=action.id, person_id=person, text=OBJECTION, now=city.now)
    deeds.answer_appeal(db, appeal.id, upheld=False, text="Désolé", by=officer.id, now=city.now)
    identity.open_session(db, person, "browser", city.now)
    db.flush()
    return Mover(person, action.id, exported(db, person, city))


def exported(db: Session, person: UUID, city: City) -> dict[str, bytes]:
    with export(db, person, city.now) as archive, ZipFile(archive) as files:
        assert files.testzip() is None
        return {name: files.read(name) for name in files.namelist()}


def test_what_was_sealed_is_readable(mover: Mover) -> None:
    [person], [appeal] = mover.rows("person"), mover.rows("appeals")
    assert (person["email"], person["identity_level"]) == (EMAIL, "contact")
    assert (appeal["text"], appeal["answer"]) == (OBJECTION, "Désolé")


def test_nothing_of_anybody_else_is_in_it(mover: Mover) -> None:
    [deed] = mover.rows("deeds")
    assert deed["id"] == str(mover.action)
    assert {step["action_id"] for step in mover.rows("deed_steps")} == {str(mover.action)}


def test_ten_thousand_deeds_are_all_there_and_take_no_more_memory(
    db: Session, mover: Mover, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is held at once does not grow with what there is."""
    monkeypatch.setattr(export_module, "_IN_MEMORY", 1 << 16)
    copy_deeds(db, mover.action, 1999)
    _exported_within(db, mover.id, city)  # what is loaded once
    few, rows = _exported_within(db, mover.id, city)
    assert rows == 2000
    copy_deeds(db, mover.action, 8000)
    many, rows = _exported_within(db, mover.id, city)
    assert rows == 10_000
    assert many < 1.5 * few


def _exported_within(db: Session, person: UUID, city: City) -> tuple[int, int]:
    """The most bytes that Python held meanwhile, and the deeds that came out, each once."""
    tracemalloc.start()
    with export(db, person, city.now) as archive:
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        with ZipFile(archive) as files:
            assert files.testzip() is None
            deeds_out = json.loads(files.read("deeds.json"))
            table = files.read("deeds.csv").decode()
    ids = {one["id"] for one in deeds_out}
    assert len(ids) == len(deeds_out) == len(list(csv.reader(StringIO(table)))) - 1
    return most, len(ids)


def test_no_secret_is_in_it(mover: Mover, db: Session) -> None:
    secret = identity.presence_secret(db, mover.id, Clock().now(db)).secret
    everything = b"".join(mover.files.values())
    assert secret.encode() not in everything
    assert b"token_hash" not in everything


def test_the_manifest_has_every_file_and_its_hash(mover: Mover) -> None:
    manifest = json.loads(mover.files.pop("manifest.json"))
    assert manifest["format"] == FORMAT
    assert manifest["files"].keys() == mover.files.keys()
    for name, content in mover.files.items():
        said = manifest["files"][name]
        assert (said["sha256"], said["bytes"]) == (sha256(content).hexdigest(), len(content))


def test_each_table_has_the_rows_of_its_json_and_runs_no_formula(mover: Mover) -> None:
    for part in PARTS:
        table = list(csv.reader(StringIO(mover.files[f"{part.name}.csv"].decode())))
        rows = mover.rows(part.name)
        assert len(table) == (len(rows) + 1 if rows else 0), part.name
        assert not rows or table[0] == list(rows[0])
    appeals = mover.files["appeals.csv"].decode()
    assert "'" + OBJECTION in appeals


def test_the_readme_names_every_part_in_both_languages(mover: Mover) -> None:
    readme = mover.files["README.txt"].decode()
    for part in PARTS:
        assert part.fr in readme
        assert part.en in readme


def test_every_table_that_names_a_person_is_exported_or_left_out_with_a_reason() -> None:
    personal = {t.fullname for t in metadata.tables.values() if any(map(names_a_person, t.columns))}
    covered = [table for part in PARTS for table in part.tables]
    assert personal <= set(covered) | set(LEFT_OUT)
    assert set(covered).isdisjoint(LEFT_OUT)
    assert set(covered) | set(LEFT_OUT) <= set(metadata.tables)
