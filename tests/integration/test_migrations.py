"""From an empty database to the models, and what each database role may then do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateSchema

from app import migrations
from app.config import DatabaseRole
from app.migrations import generate
from app.tables import metadata
from tests.support.postgres import Cluster

# Everything that a model can say about the database, by name.
SHAPE = text("""
select 'column', table_schema || '.' || table_name || '.' || column_name,
       data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
  from information_schema.columns where table_schema in ('public', 'vault', 'signer')
union all
select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  from pg_constraint where connamespace::regnamespace::text in ('public', 'vault', 'signer')
union all
select 'index', indexname, indexdef from pg_indexes
  where schemaname in ('public', 'vault', 'signer')
union all
select 'unlogged', relname, relpersistence::text from pg_class
  where relkind = 'r' and relnamespace::regnamespace::text = 'public'
""")

# Alembic can't compare an index over an expression: `SHAPE` compares every index. The log's months
# follow the calendar, not the models.
ALEMBIC_OPTIONS = {
    "include_schemas": True,
    "include_name": lambda name, kind, _parents: kind != "schema" or name != "log_months",
    "include_object": lambda _object, _name, kind, *_rest: kind != "index",
}


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    engine = create_engine(url, poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()


def shape(engine: Engine) -> set[tuple[str, str, str]]:
    with engine.connect() as connection:
        rows = {(kind, name, what) for kind, name, what in connection.execute(SHAPE)}
    return {row for row in rows if "alembic_version" not in row[1]}


def test_the_first_step_is_what_the_models_say_today() -> None:
    assert generate.TARGET.read_text(encoding="utf-8") == generate.source(), (
        "models changed: run `python -m app.migrations.generate` and commit the result"
    )


def test_upgrading_an_empty_database_gives_exactly_the_models(postgres: Cluster) -> None:
    with postgres.fresh("template0") as migrated, postgres.fresh("template0") as created:
        url = postgres.urls(migrated)[DatabaseRole.MIGRATOR]
        assert migrations.pending(url)
        migrations.upgrade(url)
        assert not migrations.pending(url)
        with engine_of(url) as engine, engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=ALEMBIC_OPTIONS)
            assert compare_metadata(context, metadata) == []
            by_migration = shape(engine)
        with engine_of(postgres.urls(created)[DatabaseRole.MIGRATOR]) as engine:
            with engine.begin() as connection:
                for schema in {table.schema for table in metadata.tables.values() if table.schema}:
                    connection.execute(CreateSchema(schema))
                metadata.create_all(connection)
            assert by_migration == shape(engine)
    assert len(by_migration) > 500


def test_upgrading_twice_changes_nothing(postgres: Cluster) -> None:
    with postgres.fresh() as database:
        url = postgres.urls(database)[DatabaseRole.MIGRATOR]
        with engine_of(url) as engine:
            before = shape(engine)
            migrations.upgrade(url)
            assert shape(engine) == before


def test_there_is_no_way_back(postgres: Cluster) -> None:
    with (
        postgres.fresh() as database,
        engine_of(postgres.urls(database)[DatabaseRole.MIGRATOR]) as engine,
        engine.connect() as connection,
        pytest.raises(AttributeError, match="downgrade"),
    ):
        command.downgrade(migrations.configuration(connection), "base")


def test_a_held_lock_ends_the_upgrade_instead_of_waiting(
    postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "50ms")
    with postgres.fresh() as database:
        url = postgres.urls(database)[DatabaseRole.MIGRATOR]
        with engine_of(url) as engine, engine.begin() as holder:
            holder.execute(text("lock table alembic_version in access exclusive mode"))
            with pytest.raises(OperationalError, match="lock timeout"):
                migrations.upgrade(url)


REFUSED = [
    (DatabaseRole.APP, "update access_record set entry_sealed = ''"),
    (DatabaseRole.APP, "delete from access_record"),
    (DatabaseRole.APP, "insert into access_record (at) values (now())"),
    (DatabaseRole.APP, "insert into access_record (written) values (1)"),
    (DatabaseRole.APP, "select * from log_months.access_record_2026_11"),
    (DatabaseRole.APP, "insert into access_seal select * from access_seal"),
    (DatabaseRole.APP, "select make_log_months()"),
    (DatabaseRole.APP, "select drop_log_months()"),
    (DatabaseRole.APP, "update action_log set after = ''"),
    (DatabaseRole.APP, "update attestation set kind = ''"),
    (DatabaseRole.APP, "delete from ledger_entry"),
    (DatabaseRole.APP, "delete from action"),
    (DatabaseRole.APP, "update account set person_id = person_id"),
    (DatabaseRole.APP, "update account set address = address"),
    (DatabaseRole.APP, "delete from account"),
    (DatabaseRole.APP, "truncate attempt"),
    (DatabaseRole.APP, "select * from signer.wallet_key"),
    (DatabaseRole.APP, "create table mine (n int)"),
    (DatabaseRole.APP, "alter table attempt add column n int"),
    (DatabaseRole.APP, "update alembic_version set version_num = ''"),
    (DatabaseRole.SIGNER, "select * from vault.subject_key"),
    (DatabaseRole.SIGNER, "select * from access_record"),
    (DatabaseRole.SIGNER, "update account set address = ''"),
    (DatabaseRole.LOG, "select * from person"),
    (DatabaseRole.LOG, "delete from access_record"),
    (DatabaseRole.LOG, "update access_seal set root = ''"),
    (DatabaseRole.LOG, "delete from access_seal"),
    (DatabaseRole.LOG, "select make_log_month(now()::timestamp)"),
    (DatabaseRole.AUDITOR, "select * from person"),
    (DatabaseRole.AUDITOR, "select * from vault.subject_key"),
    (DatabaseRole.AUDITOR, "insert into action_log select * from action_log"),
]
ALLOWED = [
    (DatabaseRole.APP, "select * from vault.subject_key"),
    (DatabaseRole.APP, "delete from attempt"),
    (DatabaseRole.APP, "update action set district = district"),
    (DatabaseRole.APP, "update account set wallet = wallet"),
    (DatabaseRole.APP, "select version_num from alembic_version"),
    (DatabaseRole.SIGNER, "select * from signer.wallet_key"),
    (DatabaseRole.SIGNER, "select * from sign_in_session"),
    (DatabaseRole.LOG, "select * from access_record"),
    (DatabaseRole.LOG, "update access_seal set signature = ''"),
    (DatabaseRole.LOG, "select make_log_months(), drop_log_months()"),
    (DatabaseRole.AUDITOR, "select * from access_record, access_seal"),
    (DatabaseRole.AUDITOR, "select * from attestation"),
]


@pytest.mark.parametrize(("role", "statement"), REFUSED)
def test_a_role_may_not(postgres: Cluster, role: DatabaseRole, statement: str) -> None:
    with engine_of(postgres.urls("civis")[role]) as engine, engine.connect() as connection:
        with pytest.raises(ProgrammingError) as refused:
            connection.execute(text(statement))
        assert "permission denied" in str(refused.value) or "must be owner" in str(refused.value)


@pytest.mark.parametrize(("role", "statement"), ALLOWED)
def test_a_role_may(postgres: Cluster, role: DatabaseRole, statement: str) -> None:
    with engine_of(postgres.urls("civis")[role]) as engine, engine.connect() as connection:
        connection.execute(text(statement))
