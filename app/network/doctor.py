"""`civis doctor`: whether the chain stands on what an operator believes it stands on.

It asks the nodes of the settings and reads the list of members; it changes nothing. *wrong* is
what keeps Civis from working, *mind* what will hurt on a bad day.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

import click

from app.as_json import AS_JSON, answer
from app.chain.errors import ChainError
from app.chain.rpc.answers import Block
from app.chain.rpc.client import ChainClient
from app.chain.rpc.lagging import laggards
from app.chain.rpc.nodes import labelled
from app.config import Settings
from app.keyfiles import KeyFileError
from app.network.besu import Plan, names_alone, network_of, warnings
from app.network.kit import read_plan
from app.running import Running

WRONG, MIND = "wrong", "mind"
SOON = timedelta(days=14)  # in which a token is to be renewed


@dataclass(frozen=True)
class Finding:
    """`weight`: WRONG or MIND; `said`: one sentence."""

    weight: str
    said: str


@click.command()
@click.option("--members", type=click.Path(path_type=Path), help="members.toml: who runs a node.")
@AS_JSON
def command(*, members: Path | None, as_json: bool) -> None:
    """Look at the nodes of CHAIN_RPC_URLS, their tokens, and who could stop or decide the chain.

    Exit 1 when something is wrong.
    """
    settings = Settings.from_env(os.environ)
    found = [*nodes(settings), *tokens(settings, datetime.now(UTC)), *places(settings)]
    found += quorum(settings, members)
    lines = [f"{one.weight}: {one.said}" for one in found] or ["All is well."]
    answer([asdict(one) for one in found], *lines, as_json=as_json)
    raise SystemExit(any(one.weight == WRONG for one in found))


def nodes(settings: Settings) -> Iterator[Finding]:
    """Each by itself: whether it answers, is on our chain, and keeps up with the others."""
    if not settings.chain_rpc_urls:
        yield Finding(WRONG, Running.missing(settings.home))
        return
    heads: dict[str, Block] = {}
    for label, url in labelled(settings.chain_rpc_urls).items():
        try:
            with closing(_client(settings, [url])) as client:
                heads[label] = client.head()
        except OSError as error:
            yield Finding(WRONG, f"{settings.deployment_file} can't be read: {error.strerror}.")
            return
        except ChainError as error:
            yield Finding(WRONG, f"{error}.")
    yield from _behind(settings, heads)


def _client(settings: Settings, urls: Sequence[str]) -> ChainClient:
    """For the chain of our contracts. Raises OSError when their record can't be read."""
    stored = json.loads(settings.deployment_file.read_text(encoding="utf-8"))
    return ChainClient(
        urls,
        chain_id=stored["chain_id"],
        genesis_hash=bytes.fromhex(stored["genesis_hash"].removeprefix("0x")),
        tokens=settings.chain_rpc_tokens,
    )


def _behind(settings: Settings, heads: Mapping[str, Block]) -> Iterator[Finding]:
    lag = timedelta(seconds=settings.chain.lag_seconds)
    newest = max((head.time for head in heads.values()), default=datetime.now(UTC))
    for label, why in laggards(heads, max(newest, datetime.now(UTC)), lag).items():
        yield Finding(WRONG, f"{label} lags: {why}.")


def tokens(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Those that end, and those that travel in the open."""
    given = settings.chain_rpc_tokens
    for label, url in labelled(settings.chain_rpc_urls).items():
        try:
            ends, shown = given.ends_at(url), given.headers(url)
        except KeyFileError as error:
            yield Finding(WRONG, f"{label}: {error}")
            continue
        if ends is not None and ends <= now + SOON:
            weight = WRONG if ends <= now else MIND
            yield Finding(weight, f"{label}: its token ends on {ends:%Y-%m-%d %H:%M} UTC.")
        parts = urlsplit(url)
        if shown and parts.scheme == "http" and not _loopback(parts.hostname or ""):
            yield Finding(MIND, f"{label}: whoever is on the way reads its token; use https.")


def places(settings: Settings) -> Iterator[Finding]:
    """Whether what takes one node of ours away takes the other too."""
    urls = labelled(settings.chain_rpc_urls)
    if settings.embedded:
        return
    if len(urls) < 2:
        yield Finding(MIND, "CHAIN_RPC_URLS names one node: Civis has none to fall back on.")
    for (one, first), (other, second) in combinations(urls.items(), 2):
        hosts = [urlsplit(url).hostname or "" for url in (first, second)]
        networks = [network_of(host) for host in hosts]
        if hosts[0] == hosts[1]:
            yield Finding(MIND, f"{one} and {other} share a host.")
        elif networks[0] and networks[0] == networks[1]:
            yield Finding(MIND, f"{one} and {other} share the network {networks[0]}.")


def quorum(settings: Settings, members: Path | None) -> Iterator[Finding]:
    """Who could stop or decide the chain alone. Raises ConfigError for a list that is none."""
    if members is None:
        if not settings.embedded:
            yield Finding(MIND, "Who runs the validators was not looked at: give --members.")
        return
    plan, _ = read_plan(members)
    if not _is_seated(settings, plan):
        yield Finding(MIND, f"The chain has other validators than {members}: mend the list.")
    for warning in warnings(plan):
        yield Finding(MIND, warning)


def _is_seated(settings: Settings, plan: Plan) -> bool:
    """Whether the chain's newest block names these validators; that nobody could be asked is
    said elsewhere."""
    try:
        with closing(_client(settings, settings.chain_rpc_urls)) as client:
            head = client.call("eth_getBlockByNumber", "latest", False)
    except (OSError, ChainError):
        return True
    return names_alone(str(head["extraData"]), plan.sealers)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
