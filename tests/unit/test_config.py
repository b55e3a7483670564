"""Settings: harmless defaults, one sentence for each mistake, no secret in any of them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from app.chain_descriptor import EMBEDDED_CHAIN
from app.config import ConfigError, DatabaseRole, Settings
from app.keyfiles import KeyFileError, ensure_key, read_key
from app.reporting.audit.run import CANNOT_CHECK
from app.rights.register import register_text
from app.running import Running
from app.web.public.audit_here import gateway_url, run_here

PRODUCTION = {
    "DATABASE_URL": "postgres://civis_app:long-and-random@db.example/civis",
    "CHAIN_RPC_URLS": "https://node-1.example, https://node-2.example",
    "PUBLIC_URL": "https://civis.example/",
}


def test_without_anything_it_is_embedded_and_a_demo(tmp_path: Path) -> None:
    settings = Settings.from_env({"CIVIS_HOME": str(tmp_path)})
    assert settings.embedded
    assert settings.demo
    assert settings.public_url == "http://localhost:8000"
    assert settings.chain == EMBEDDED_CHAIN
    assert settings.cors_origins == ()
    assert settings.time_zone.key == "Europe/Paris"


@pytest.mark.parametrize("given", [PRODUCTION, {**PRODUCTION, "CIVIS_DEMO": "1"}])
def test_with_a_database_and_nodes_of_ones_own_there_is_no_demo(given: dict[str, str]) -> None:
    settings = Settings.from_env(given)
    assert not settings.embedded
    assert not settings.demo
    assert settings.database_url().startswith("postgresql+psycopg://civis_app:")
    assert settings.chain_rpc_urls == ("https://node-1.example", "https://node-2.example")
    assert settings.public_url == "https://civis.example"


def test_the_gateway_s_public_address_is_said_or_is_beside_the_embedded_site() -> None:
    assert gateway_url(Settings.from_env({"PORT": "9000"})) == "http://localhost:9001"
    assert gateway_url(Settings.from_env(PRODUCTION)) == "", "none that nobody routes"
    report = run_here(Settings.from_env(PRODUCTION))
    assert report.verdict == CANNOT_CHECK
    assert report.trusted == {"node": "", "site": "https://civis.example"}, "no loopback address"
    said = PRODUCTION | {"GATEWAY_URL": "https://chain.civis.example/"}
    assert gateway_url(Settings.from_env(said)) == "https://chain.civis.example"


@pytest.mark.parametrize("missing", ["DATABASE_URL", "CHAIN_RPC_URLS"])
def test_half_a_production_is_neither(missing: str) -> None:
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    with pytest.raises(ConfigError, match="both, or neither"):
        Settings.from_env(given)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "80a", "PORT is '80a'"),
        ("PORT", "0", "from 1 to"),
        ("PORT", "-1", "PORT"),
        ("GATEWAY_PORT", "8000", "GATEWAY_PORT is 8000, as PORT is: set another"),
        ("PUBLIC_URL", "http://civis.example", "https://"),
        ("PUBLIC_URL", "", "Set PUBLIC_URL"),
        ("GATEWAY_URL", "http://chain.civis.example", "GATEWAY_URL must begin with https://"),
        ("DATABASE_URL", "mysql://a:b@c/d", "postgresql://"),
        ("DATABASE_URL", "postgresql://civis_app:changeme@db/civis", "placeholder"),
        ("DATABASE_URL_SIGNER", "postgresql://civis_signer:secret@db/civis", "DATABASE_URL_SIGNER"),
        ("SMTP_URL", "smtps://mailer:password@mail.example", "SMTP_URL"),
        ("SMTP_URL", "smtps://mailer:zK3-jq@mail.example", "MAIL_SENDER"),
        ("CHAIN_FINALITY_DEPTH", "many", "CHAIN_FINALITY_DEPTH"),
        ("LANGUAGES", "fr de", "'de'"),
        ("CONTROLLER_COUNTRY", "BE", "AUTHORITY_NAME, AUTHORITY_ADDRESS and AUTHORITY_URL"),
        ("AUTHORITY_URL", "https://authority.example", "are set together"),
        ("TIME_ZONE", "Mars/Base", "TIME_ZONE is 'Mars/Base'"),
        ("TIME_ZONE", "../etc/passwd", "TIME_ZONE"),
        ("TIME_ZONE", "Europe", "TIME_ZONE"),
    ],
)
def test_a_mistake_is_a_sentence_without_the_secret(name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        Settings.from_env({**PRODUCTION, name: value})
    assert "zK3-jq" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_who_watches_over_peoples_data_is_set_whole_or_is_the_french_one() -> None:
    given = {
        "CONTROLLER_COUNTRY": "be",
        "AUTHORITY_NAME": "Autorité",
        "AUTHORITY_ADDRESS": "1 rue de la Loi",
        "AUTHORITY_URL": "https://authority.example/plaintes",
    }
    there = Settings.from_env(PRODUCTION | given).authority
    assert (there.country, str(there)) == ("BE", "Autorité (https://authority.example/plaintes)")
    said = register_text("fr", there)
    assert "traité en BE ; envoyé nulle part" in said.replace("\u00a0", " ")
    assert f"Réclamations : {there}." in said.replace("\u00a0", " ")
    assert Settings.from_env(PRODUCTION).authority.name == "CNIL"
    for name, wrong in (("CONTROLLER_COUNTRY", "Belgium"), ("AUTHORITY_URL", "javascript:x")):
        with pytest.raises(ConfigError, match=name):
            Settings.from_env(PRODUCTION | given | {name: wrong})


def test_a_role_without_a_url_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Set DATABASE_URL_MIGRATOR"):
        Settings.from_env(PRODUCTION).database_url(DatabaseRole.MIGRATOR)
    with pytest.raises(ConfigError, match="start it with `make run`"):
        Settings.from_env({"CIVIS_HOME": str(tmp_path)}).database_url()


def test_a_running_home_tells_where_its_parts_are(tmp_path: Path) -> None:
    for role in DatabaseRole:
        ensure_key(tmp_path, f"postgres_{role.value}")
    Running(database_port=5000, node_port=6000, chain_id=7).write(tmp_path)
    settings = Settings.from_env({"CIVIS_HOME": str(tmp_path)})
    password = read_key(tmp_path, "postgres_signer")
    assert settings.database_url(DatabaseRole.SIGNER) == (
        f"postgresql+psycopg://civis_signer:{password}@127.0.0.1:5000/civis"
    )
    assert settings.chain_rpc_urls == ("http://127.0.0.1:6000",)
    Running.forget(tmp_path)
    assert Settings.from_env({"CIVIS_HOME": str(tmp_path)}).chain_rpc_urls == ()


def test_a_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    made = ensure_key(tmp_path, "master")
    assert ensure_key(tmp_path, "master") == made
    path = tmp_path / "keys" / "master"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["master"]
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        read_key(tmp_path, "master")


@pytest.mark.parametrize(("text", "said"), [(None, "can't be read"), ("", "is empty")])
def test_a_lost_key_is_not_made_again_by_reading(
    tmp_path: Path, text: str | None, said: str
) -> None:
    path = tmp_path / "keys" / "master"
    path.parent.mkdir()
    if text is not None:
        path.touch(mode=0o600)
    with pytest.raises(KeyFileError, match=said):
        read_key(tmp_path, "master")


def test_a_unit_test_reaches_nobody() -> None:
    with socket.socket() as probe, pytest.raises(AssertionError, match="tests/integration"):
        probe.connect(("127.0.0.1", 9))


OPENID = {"OPENID_ISSUER": "https://id.example", "OPENID_CLIENT_ID": "civis"}


def test_a_provider_is_named_whole_or_not_at_all(tmp_path: Path) -> None:
    home = {"CIVIS_HOME": str(tmp_path)}
    assert Settings.from_env(home).openid is None
    secret = tmp_path / "secret"
    secret.write_text("of the operator\n")
    whole = {**home, **OPENID, "OPENID_CLIENT_SECRET_FILE": str(secret)}
    found = Settings.from_env({**whole, "OPENID_PROFILE": "franceconnect"}).openid
    assert found
    assert (found.name, found.client_secret, found.acr) == (
        "FranceConnect", "of the operator", "eidas1",
    )  # fmt: skip
    assert "of the operator" not in repr(found)
    assert Settings.from_env(whole).openid.name == "id.example"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "wrong",
    [
        {"OPENID_CLIENT_ID": ""},
        {"OPENID_ISSUER": ""},
        {"OPENID_ISSUER": "http://id.example"},
        {"OPENID_CLIENT_SECRET": ""},
        {"OPENID_PROFILE": "other"},
        {"OPENID_CLIENT_SECRET_FILE": "/nowhere/at/all"},
    ],
    ids="-".join,
)
def test_a_provider_half_named_is_a_sentence(tmp_path: Path, wrong: dict[str, str]) -> None:
    given = {"CIVIS_HOME": str(tmp_path), **OPENID, "OPENID_CLIENT_SECRET": "x", **wrong}
    with pytest.raises(ConfigError, match="OPENID_"):
        Settings.from_env(given)
