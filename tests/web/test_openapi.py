"""The document is valid OpenAPI 3.1 and names every route of the API."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.api_document.document import document
from app.application import build
from app.context import Application
from app.services import Services


def test_the_document_is_valid(services: Services) -> None:
    app = build(parts=services)
    served = app.test_client().get("/api/v1/openapi.json").get_json()
    assert served["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(served).validate()


def test_it_says_what_a_route_takes_and_gives(application: Application) -> None:
    found = document(application)
    once = found["paths"]["/api/v1/probe/once/{_thing}"]["post"]
    names = {(p["in"], p["name"]): p["required"] for p in once["parameters"]}
    assert names == {("path", "_thing"): True, ("header", "Idempotency-Key"): True}
    body = once["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/NoteIn"}
    assert "201" in once["responses"]
    problem = once["responses"]["default"]["content"]["application/problem+json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/ProblemOut"}
    note = found["components"]["schemas"]["NoteIn"]
    assert note["required"] == ["note"]
    assert note["properties"]["note"]["maxLength"] == 50
    assert found["paths"]["/api/v1/probe"]["post"]["security"] == []
    assert found["paths"]["/api/v1/probe/office"]["get"]["security"] == [{"bearer": []}]
    listed = found["paths"]["/api/v1/probe/page"]["get"]["parameters"]
    assert {p["name"] for p in listed} == {"cursor", "limit"}


def test_the_page_for_people_lists_every_route(client: FlaskClient) -> None:
    answer = client.get("/api/docs")
    assert answer.status_code == 200
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    for path in paths:
        assert path in answer.text
    assert not re.findall(r'(?:src|href)="https?://', answer.text)
