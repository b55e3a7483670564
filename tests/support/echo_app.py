"""What the server made of a request: tests/integration/test_message_bounds.py serves it."""

from __future__ import annotations

from flask import Flask, Response, request

application = Flask("echo", static_folder=None)


@application.route("/", methods=["GET", "POST"])
@application.route("/<path:_any>", methods=["GET", "POST"])
def echo(_any: str = "") -> Response:
    body = request.get_data()
    return Response(f"{request.method} {request.path} {body!r}", mimetype="text/plain")
