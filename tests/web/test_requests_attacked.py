"""Requests made to confuse: another host, names of files, doubled headers, other sites' pages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.actions.imports.jobs import run_import_jobs
from app.application import build
from app.chain.signer import SignerClient
from app.help_desk import NO_HELP
from app.rewards.valuing.import_tools import tools_of
from app.services import Services
from app.web.public.figures import AUDITS_A_MINUTE
from tests.support.bikes import Bikes, bike_operator
from tests.support.partner import table, trip
from tests.support.signer import write_deployment

EVIL = "evil.example"
SITE = "https://civis.example"
TWICE_THE_QUOTA = 61  # of codes asked for in ten minutes: wherever the minutes are cut


@pytest.fixture
def bikes(services: Services, signer: SignerClient) -> Iterator[Bikes]:
    with bike_operator(services, signer) as operator:
        yield operator


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/me", "/figures", "/no", "/api/v1/openapi.json"]
)
def test_an_invented_host_appears_in_no_answer(client: FlaskClient, path: str) -> None:
    """So no cache and no letter leads anybody there."""
    headers = {"X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}", "X-Original-URL": "/mail"}
    answer = client.get(path, base_url=f"http://{EVIL}", headers=headers)
    assert EVIL not in answer.text
    assert EVIL not in str(answer.headers)


def test_who_is_behind_no_proxy_is_whom_the_connection_comes_from(client: FlaskClient) -> None:
    """Else everybody would have fresh tries with each invented address."""
    statuses = set()
    for number in range(TWICE_THE_QUOTA):
        forwarded = {"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.0.0.{number}"}
        said = {"email": f"a{number}@city.example", "language": "en"}
        answer = client.post(
            "/api/v1/sign-in/code",
            json=said,
            headers=forwarded,
            environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
        )
        statuses.add(answer.status_code)
    assert statuses == {202, 429}


def test_who_has_a_network_of_addresses_is_one_caller(client: FlaskClient) -> None:
    """Whoever rents a machine has 2^64 IPv6 addresses, and would have a code for each."""
    statuses = set()
    for number in range(TWICE_THE_QUOTA):
        said = {"email": f"c{number}@city.example", "language": "en"}
        caller = {"REMOTE_ADDR": f"2001:db8:7:7:{number:x}::1"}
        answer = client.post("/api/v1/sign-in/code", json=said, environ_overrides=caller)
        statuses.add(answer.status_code)
    assert statuses == {202, 429}


def test_behind_the_proxy_only_what_the_proxy_itself_added_counts(services: Services) -> None:
    settings = replace(services.settings, public_url=SITE)
    client = build(parts=replace(services, settings=settings)).test_client()
    statuses = set()
    for number in range(TWICE_THE_QUOTA):
        forwarded = {"X-Forwarded-For": f"10.0.0.{number}, 192.0.2.8"}
        said = {"email": f"b{number}@city.example", "language": "en"}
        answer = client.post("/api/v1/sign-in/code", json=said, headers=forwarded)
        statuses.add(answer.status_code)
    assert statuses == {202, 429}


def test_many_callers_together_do_not_keep_the_site_busy_with_audits(services: Services) -> None:
    write_deployment(services.settings)
    settings = replace(services.settings, port=1, gateway_port=1)  # where nobody answers
    client = build(parts=replace(services, settings=settings)).test_client()
    with client.session_transaction() as page:
        page["form_token"] = "mine"
    statuses = []
    for number in range(2 * AUDITS_A_MINUTE + 1):
        caller = {"REMOTE_ADDR": f"192.0.2.{number}"}
        form = {"csrf_token": "mine"}
        statuses.append(
            client.post("/verify/audit", data=form, environ_overrides=caller).status_code
        )
    assert set(statuses) == {200, 429}


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app/config.py",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/..%2f..%2fpyproject.toml",
        "/static/%252e%252e/%252e%252e/pyproject.toml",
        "/static//etc/passwd",
        "/static/js/",
        "/static/",
        "/mail/..%2f..%2fkeys%2fmaster",
        "/mail/%2e%2e%2fkeys%2fmaster",
        "/.git/config",
        "/.env",
        "/api/v1/bank-files/..%2f..%2fkeys.xml",
    ],
)
def test_no_path_leaves_its_folder_and_no_folder_is_listed(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {404, 308}
    assert "root:" not in answer.text
    assert "[project]" not in answer.text


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "x" * 5000, "t.exe"])
def test_a_file_s_name_is_never_used(bikes: Bikes, name: str) -> None:
    content = table(trip(bikes.partner, 3))
    sent = bikes.send(content, file=(io.BytesIO(content.encode()), name))
    assert sent.status_code == 202
    [stored] = bikes.uploads()
    assert re.fullmatch(r"[0-9a-f]{32}", stored)
    run_import_jobs(tools_of(bikes.partner.services, wallets=bikes.partner.services.signer))
    assert bikes.uploads() == []


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04" + b"\x00" * 200,
        b"\x1f\x8b\x08\x00" + b"\x00" * 200,
        b"\x7fELF" + b"\x00" * 200,
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>",
        b"trip_id,started_at\n" + b"9" * 1_000_000,
        b'trip_id,"' + b"x" * 1_000_000,
    ],
    ids=["zip", "gzip", "program", "xml", "a huge cell", "an endless cell"],
)
def test_what_is_no_table_is_refused_and_not_kept(bikes: Bikes, content: bytes) -> None:
    """Nothing is ever unpacked, so no archive can burst; no cell is read without end."""
    good = table(trip(bikes.partner, 3))
    sent = bikes.send(good, file=(io.BytesIO(content), "trips.csv"))
    assert sent.status_code == 202
    run_import_jobs(tools_of(bikes.partner.services, wallets=bikes.partner.services.signer))
    job = bikes.call("partner", "GET", f"/imports/{sent.get_json()['id']}").get_json()
    assert (job["state"], job["rows_done"]) == ("failed", 0)
    assert bikes.uploads() == []


def test_a_form_of_too_many_parts_or_too_large_is_refused(client: FlaskClient) -> None:
    many = {f"f{number}": "x" for number in range(2000)}
    packed = client.post("/sign-in/code", data=many, content_type="multipart/form-data")
    assert packed.status_code == 413
    large = {"email": "x" * 2_000_000, "csrf_token": "x"}
    assert client.post("/sign-in/code", data=large).status_code == 413


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
def test_no_method_echoes_a_request(client: FlaskClient, method: str) -> None:
    answer = client.open("/sign-in", method=method, headers={"Cookie": "civis=secret-token"})
    assert answer.status_code == 405
    assert "secret-token" not in answer.text


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "_method"])
def test_no_header_makes_a_read_a_write(client: FlaskClient, header: str) -> None:
    answer = client.get("/api/v1/probe", headers={header: "POST"})
    assert answer.status_code == 405


def test_a_value_given_twice_is_taken_once_and_from_its_place_alone(client: FlaskClient) -> None:
    answer = client.get("/api/v1/probe/page?limit=1&limit=999999")
    assert answer.status_code == 200
    answer = client.post("/api/v1/probe?note=from-the-address", json={})
    assert answer.status_code == 422, "the address fills in nothing of the body"


def test_where_to_report_a_hole_is_told_where_the_operator_said_it(services: Services) -> None:
    help_desk = replace(services.settings.help, mail="help@civis.example")
    settings = replace(services.settings, public_url=SITE, help=help_desk)
    answer = _security_txt(replace(services, settings=settings))
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    said = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert said["Contact"] == "mailto:help@civis.example"
    assert said["Canonical"] == f"{SITE}/.well-known/security.txt"
    with services.database.session() as session:
        left = datetime.fromisoformat(said["Expires"]) - services.clock.now(session)
    assert 170 < left.days < 365
    silent = replace(settings, help=NO_HELP)
    assert _security_txt(replace(services, settings=silent)).status_code == 404


def _security_txt(parts: Services) -> TestResponse:
    return build(parts=parts).test_client().get("/.well-known/security.txt", base_url=SITE)
