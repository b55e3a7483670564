"""What the application is compared with: Flask and psycopg with nothing around them."""

from __future__ import annotations

import os
import threading
from uuid import uuid4

import psycopg
from flask import Flask, Response, request

application = Flask("bare")
_own = threading.local()

TABLE = (
    "create table if not exists bare_action (id uuid primary key, action_type text not null, "
    "quantity bigint not null, deed_at timestamptz not null, recorded_at timestamptz not null)"
)
CALLER = "create table bare_caller (token text primary key)"
_CALLER = "select token from bare_caller where token = %s"
_INSERT = "insert into bare_action values (%s, %s, %s, %s, clock_timestamp())"


@application.get("/")
def nothing() -> str:
    return "ok"


@application.post("/rows")
def insert_row() -> Response:
    """One row, committed before the answer; the connection is the thread's own."""
    body, row_id = request.get_json(), uuid4()
    _connection().execute(_INSERT, (row_id, body["action_type"], body["quantity"], body["deed_at"]))
    return Response(f'{{"id": "{row_id}"}}', status=201, mimetype="application/json")


@application.post("/rows/mine")
def insert_own() -> Response:
    """The same for who is known by a token: looked up, then written, one transaction each."""
    known = _connection().execute(_CALLER, (request.headers["Authorization"],)).fetchone()
    return insert_row() if known else Response(status=401)


def _connection() -> psycopg.Connection:
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(os.environ["BARE_DATABASE"], autocommit=True)
    connection: psycopg.Connection = _own.connection
    return connection
