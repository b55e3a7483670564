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
    "create table bare_action (id uuid primary key, action_type text not null, "
    "quantity bigint not null, deed_at timestamptz not null, recorded_at timestamptz not null)"
)
_INSERT = "insert into bare_action values (%s, %s, %s, %s, clock_timestamp())"


@application.get("/")
def nothing() -> str:
    return "ok"


@application.post("/rows")
def insert_row() -> Response:
    """One row, committed before the answer; the connection is the thread's own."""
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(os.environ["BARE_DATABASE"], autocommit=True)
    body, row_id = request.get_json(), uuid4()
    _own.connection.execute(
        _INSERT, (row_id, body["action_type"], body["quantity"], body["deed_at"])
    )
    return Response(f'{{"id": "{row_id}"}}', status=201, mimetype="application/json")
