"""Whatever is wrong with a request, it gets a problem with code and remedy, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.application import build
from app.config import DatabaseRole
from app.services import Services, connect

URL = "/api/v1/probe"
JSON = "application/json"
Count = Callable[[str], int]

# name, body, content type, status, code
BODIES: list[tuple[str, bytes, str, int, str]] = [
    ("empty", b"", JSON, 400, "body-not-json"),
    ("broken", b'{"note": "bad"', JSON, 400, "body-not-json"),
    ("not utf-8", b'{"note": "bad\xff"}', JSON, 400, "body-not-utf8"),
    ("NUL", b'{"note": "bad\\u0000"}', JSON, 400, "bad-characters"),
    ("NUL in a name", b'{"note": "bad", "a\\u0000": 1}', JSON, 400, "bad-characters"),
    ("lone surrogate", b'{"note": "bad\\ud800"}', JSON, 400, "bad-characters"),
    ("NaN", b'{"note": "bad", "number": NaN}', JSON, 400, "body-not-json"),
    ("huge", b'{"note": "bad", "number": ' + b"9" * 5000 + b"}", JSON, 400, "body-not-json"),
    ("big", b'{"note": "bad", "number": ' + b"9" * 40 + b"}", JSON, 422, "invalid"),
    ("fraction", b'{"note": "bad", "number": 1e2}', JSON, 422, "invalid"),
    ("deep", b"[" * 200_000, JSON, 400, "body-not-json"),
    ("list", b"[]", JSON, 422, "invalid"),
    ("null", b"null", JSON, 422, "invalid"),
    ("unknown", b'{"note": "bad", "extra": 1}', JSON, 422, "invalid"),
    ("missing", b'{"number": 1}', JSON, 422, "invalid"),
    ("form", b"note=bad", "application/x-www-form-urlencoded", 415, "body-type"),
    ("text", b'{"note": "bad"}', "text/plain", 415, "body-type"),
    ("large", b'{"note": "' + b"x" * 1_100_000 + b'"}', JSON, 413, "body-too-large"),
]


@pytest.mark.parametrize("case", BODIES, ids=[row[0] for row in BODIES])
def test_a_bad_body_is_refused_by_code(
    client: FlaskClient, notes: Count, case: tuple[str, bytes, str, int, str]
) -> None:
    _, content, kind, status, code = case
    answer = client.post(URL, data=content, content_type=kind)
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert problem["status"] == status
    assert problem["remedy"]
    assert problem["reference"] == answer.headers["X-Request-Id"]
    assert bool(problem.get("errors")) == (code == "invalid")
    assert notes("bad") == 0


def test_a_bad_body_is_explained_in_the_reader_s_language(client: FlaskClient) -> None:
    """The parser knows English only; and a French sign begins no line."""
    said = {
        language: client.post(
            URL, data=b'{"note": 1,}', content_type=JSON, headers={"Accept-Language": language}
        ).get_json()["detail"]
        for language in ("en", "fr")
    }
    assert said["en"].startswith("Line 1, column ")
    assert said["fr"].startswith("Ligne 1, colonne ")
    assert said["fr"].endswith("\u00a0: ce n’est plus du JSON")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/api/v1/probe/once/not-a-uuid", 404),
        ("DELETE", "/api/v1/probe", 405),
        ("GET", "/api/v1/probe/page?limit=0", 422),
        ("GET", "/api/v1/probe/page?limit=many", 422),
        ("GET", "/api/v1/probe/page?nonsense=1", 422),
        ("GET", "/api/v1/probe/page?cursor=%00", 400),
        ("GET", "/api/v1/probe/page?cursor=AAAA", 422),
        ("GET", "/api/v1/%00", 400),
        ("GET", "/api/v1/%ff", 400),
        ("GET", "/nowhere", 404),
        ("POST", "/livez", 405),
    ],
)
def test_a_bad_address_is_a_problem_for_programs_and_a_page_for_people(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    if path.startswith("/api/"):
        assert answer.mimetype == "application/problem+json"
        assert answer.get_json()["reference"] == answer.headers["X-Request-Id"]
    else:
        assert answer.mimetype == "text/html"
        assert answer.headers["X-Request-Id"] in answer.text


def test_the_sentence_is_in_the_language_asked_for(client: FlaskClient) -> None:
    titles = {
        header: client.get("/api/v1/nowhere", headers={"Accept-Language": header}).get_json()[
            "title"
        ]
        for header in ("en", "fr", "de")
    }
    assert titles["en"] == "There is nothing here"
    assert titles["fr"] == titles["de"] == "Il n’y a rien ici"


def test_a_defect_is_answered_with_a_reference_and_nothing_else(client: FlaskClient) -> None:
    answer = client.post(URL, json={"note": "x", "then": "crash"})
    assert answer.status_code == 500
    assert answer.get_json()["code"] == "failure"
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text


def test_a_page_that_fails_says_nothing_of_what_was_done_before_it(services: Services) -> None:
    """Somebody is sent to it by what they did, which was kept."""
    nowhere = "postgresql+psycopg://civis_app:x@127.0.0.1:1/civis"
    parts = connect(replace(services.settings, database_urls={DatabaseRole.APP: nowhere}))
    client = build(parts=parts).test_client()
    said = {
        "en": ("Only the page is missing", "Nothing was changed"),
        "fr": ("Seule la page manque", "Rien n’a été modifié"),
    }
    for language, (of_page, of_write) in said.items():
        headers = {"Accept-Language": language}
        shown = client.get("/programmes", headers=headers)
        assert (shown.status_code, of_page in shown.text, of_write in shown.text) == (
            503, True, False,
        )  # fmt: skip
        program = client.get("/api/v1/programmes", headers=headers)
        assert of_write in program.get_json()["detail"]


def test_without_its_database_the_service_says_try_again(services: Services) -> None:
    nowhere = "postgresql+psycopg://civis_app:x@127.0.0.1:1/civis"
    parts = connect(replace(services.settings, database_urls={DatabaseRole.APP: nowhere}))
    client = build(parts=parts).test_client()
    assert client.get("/livez").status_code == 200
    for path in ("/api/v1/health", "/readyz"):
        answer = client.get(path, headers={"Authorization": "Bearer x"})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
