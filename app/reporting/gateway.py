"""The public read-only gateway to the chain: a process and a port of its own.

It sends on what `gateway_policy` allows and strips the answers; everything else is refused with
JSON-RPC error -32601. It holds no key and no database connection. Each caller has an allowance, a
search through logs a bounded range, and only a few questions are at the node at once.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.chain.contracts.abi import call_data, call_result, entry_of
from app.chain.contracts.artifacts import PLACES, load_artifact
from app.chain.deploying.generations import standing
from app.json_depth import check_depth
from app.keyfiles import KeyFileError
from app.reporting.gateway_limits import Allowance, Buckets, cost_of
from app.reporting.gateway_policy import (
    FUNCTIONS,
    Contracts,
    NotPublicError,
    TooWideError,
    allowed_request,
    check_range,
    contracts_of,
    public_answer,
)
from app.rpc_tokens import NO_TOKENS, RpcTokens

MAX_BODY = 64 * 1024
MAX_BATCH = 20
REFRESH_SECONDS = 5.0
NOT_PUBLIC, BAD_REQUEST, UPSTREAM, LIMIT = -32601, -32600, -32603, -32005
BUSY_SECONDS = 10.0


class Gateway:
    """Answers JSON-RPC questions of the public. Tokens are found as programmes are created."""

    def __init__(
        self,
        rpc_urls: tuple[str, ...],
        tokens: RpcTokens,
        contracts: Callable[[], Mapping[str, list[str]]],
        log_range: int,
        at_once: int,
    ) -> None:
        """`contracts`: addresses by contract name, the one in force first, as they are now;
        `log_range`: blocks that a search may span."""
        self._urls, self._tokens_of = rpc_urls, tokens
        self._log_range = log_range
        self._room = threading.BoundedSemaphore(at_once)
        self._places = contracts
        self._http = httpx.Client(timeout=15.0, trust_env=False)
        self._abis = {name: load_artifact(name).abi for name in FUNCTIONS}
        self._read_at = 0.0
        self._public = self._contracts([])

    def answer(self, message: Any) -> dict[str, Any]:
        """The answer to one JSON-RPC message; never raises."""
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            return _error(None, BAD_REQUEST, "one JSON-RPC request is needed")
        number, method = _id_of(message), message["method"]
        params = message.get("params", [])
        if not isinstance(params, list):
            return _error(number, BAD_REQUEST, "params must be a list")
        try:
            result = self._ask(method, self._allowed(method, params))
        except TooWideError as refusal:
            return _error(number, LIMIT, str(refusal))
        except NotPublicError as refusal:
            return _error(number, NOT_PUBLIC, str(refusal))
        except (httpx.HTTPError, KeyFileError, ValueError, RecursionError):
            return _error(number, UPSTREAM, "the node gave no usable answer")
        public = public_answer(self._public, method, result)
        return {"jsonrpc": "2.0", "id": number, "result": public}

    def _allowed(self, method: str, params: list[Any]) -> list[Any]:
        allowed = self._public_request(method, params)
        if method == "eth_getLogs":
            head = int(self._ask("eth_blockNumber", []), 16)
            check_range(allowed[0], head, self._log_range)
        return allowed

    def _public_request(self, method: str, params: list[Any]) -> list[Any]:
        """An address not known yet may be a new programme's token, or a contract that came beside
        another: look once in a while."""
        try:
            return allowed_request(self._public, method, params)
        except NotPublicError:
            if time.monotonic() - self._read_at < REFRESH_SECONDS:
                raise
            self._read_at = time.monotonic()
            self._public = self._contracts(self._tokens())
            return allowed_request(self._public, method, params)

    def _contracts(self, tokens: list[str]) -> Contracts:
        places = {name: found for name, found in self._places().items() if name in FUNCTIONS}
        return contracts_of({**places, "ImpactToken": tokens}, self._abis)

    def _tokens(self) -> list[str]:
        count = self._call("programmeCount")
        ids = [self._call("programmeIdAt", index) for index in range(count)]
        return [self._call("programme", programme)["token"] for programme in ids]

    def _call(self, function: str, *arguments: Any) -> Any:
        entry = entry_of(self._abis["Programmes"], "function", function)
        call = {"to": self._places()["Programmes"][0], "data": call_data(entry, arguments)}
        return call_result(entry, self._ask("eth_call", [call, "latest"]))

    def _ask(self, method: str, params: list[Any]) -> Any:
        """The first node that answers. Raises httpx.HTTPError, KeyFileError or ValueError."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        failure: Exception | None = None
        for url in self._urls:
            try:
                message = self._post(url, body)
            except (httpx.HTTPError, KeyFileError) as error:
                failure = error
                continue
            if not isinstance(message, dict) or "result" not in message:
                raise ValueError("refused by the node")
            return message["result"]
        raise failure or ValueError("no node is configured")

    def _post(self, url: str, body: dict[str, Any]) -> Any:
        """Raises KeyFileError for our token, or httpx.HTTPError, also when the node refuses it or
        has been busy with others for too long."""
        headers = self._tokens_of.headers(url)
        if not self._room.acquire(timeout=BUSY_SECONDS):
            raise httpx.PoolTimeout("too many questions at once")
        try:
            answer = self._http.post(url, json=body, headers=headers)
            if answer.status_code in (401, 403):
                answer.raise_for_status()
            return answer.json()
        finally:
            self._room.release()


def _id_of(message: dict[str, Any]) -> str | int | None:
    number = message.get("id")
    return number if isinstance(number, str | int) else None


def _error(number: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}


def create_gateway(
    rpc_urls: tuple[str, ...],
    deployment_file: Path,
    *,
    tokens: RpcTokens = NO_TOKENS,
    log_range: int = 5_000,
    allowance: Allowance | None = None,
    behind_proxy: bool = False,
) -> Flask:
    """The gateway as a WSGI application. Raises OSError when nothing is deployed yet."""
    allowance = allowance or Allowance()
    contract_addresses(deployment_file)  # now, or never
    known = partial(contract_addresses, deployment_file)
    gateway = Gateway(rpc_urls, tokens, known, log_range, allowance.at_once)
    buckets = Buckets(allowance)
    app = _empty_app(behind_proxy)

    @app.post("/")
    def ask() -> Response:
        message = _message()
        many = message if isinstance(message, list) else [message]
        if not 0 < len(many) <= MAX_BATCH:
            return _json(_error(None, BAD_REQUEST, f"1 to {MAX_BATCH} requests at a time"))
        cost = cost_of(one.get("method") if isinstance(one, dict) else None for one in many)
        if wait := buckets.wait(request.remote_addr or "", cost):
            return _too_many(wait)
        answers = [gateway.answer(one) for one in many]
        return _json(answers if isinstance(message, list) else answers[0])

    return app


def _empty_app(behind_proxy: bool) -> Flask:
    """What says that it runs, and nothing else yet."""
    app = Flask("civis-gateway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    if behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)  # type: ignore[method-assign]
    app.add_url_rule("/livez", view_func=_live)
    app.after_request(_open_to_browsers)
    if behind_proxy:
        app.after_request(_https_only)
    return app


def _live() -> Response:
    return _json({"status": "ok"})


def _https_only(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return response


def _open_to_browsers(response: Response) -> Response:
    """Any page may ask, since all of it is public; none may show an answer as a page."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "content-type"
    response.headers["Access-Control-Expose-Headers"] = "retry-after"
    return response


def _too_many(wait: int) -> Response:
    answer = _json(_error(None, LIMIT, f"too many requests: ask again in {wait} seconds"))
    answer.status_code, answer.headers["Retry-After"] = 429, str(wait)
    return answer


def _message() -> Any:
    """The request's JSON; None where it is none, or nested beyond reading."""
    try:
        text = request.get_data().decode("utf-8")
        check_depth(text)
        return json.loads(text)
    except ValueError:
        return None


def contract_addresses(deployment_file: Path) -> dict[str, list[str]]:
    """By contract name, out of the file that the deployment left; the one in force first."""
    stored = json.loads(deployment_file.read_text("utf-8"))
    return {name: list(standing(stored, name)) for name, at in PLACES.items() if at in stored}


def _json(body: Any) -> Response:
    return Response(json.dumps(body), mimetype="application/json")
