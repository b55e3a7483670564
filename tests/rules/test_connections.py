"""Who opens connections: nothing that a user sends names an address that the server then asks.

So there is no server-side request to forge. A module that begins to speak to the network is put
here on purpose, with where its addresses come from.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SPEAKS = {
    "httpx",
    "socket",
    "smtplib",
    "requests",
    "urllib.request",
    "http.client",
    "web3",
    "ftplib",
}
ALLOWED = {
    "app/actions/imports/client.py": "`civis import`, on the partner's own machine",
    "app/chain/deploying/deciding.py": "CHAIN_RPC_URLS, `civis decide`",
    "app/chain/deploying/deploy.py": "CHAIN_RPC_URLS, `civis deploy`",
    "app/chain/deploying/deployer.py": "CHAIN_RPC_URLS, `civis deploy`",
    "app/chain/deploying/deploy_command.py": "CHAIN_RPC_URLS, `civis deploy`",
    "app/chain/deploying/first_deployment.py": "CHAIN_RPC_URLS, of a demo",
    "app/chain/deploying/replace_command.py": "CHAIN_RPC_URLS, `civis replace`",
    "app/chain/deploying/replacing.py": "CHAIN_RPC_URLS, `civis replace`",
    "app/chain/signer.py": "the signer's socket in CIVIS_HOME",
    "app/chain/signer_protocol.py": "the signer's socket in CIVIS_HOME",
    "app/chain/rpc/wire.py": "CHAIN_RPC_URLS",
    "app/identity/openid/provider.py": "OPENID_ISSUER, and what its own document names",
    "app/mail.py": "SMTP_URL",
    "app/reporting/gateway.py": "CHAIN_RPC_URLS",
    "workers/signer/server.py": "listens on the signer's socket in CIVIS_HOME",
}
# Commands on the machine of whoever runs them, and the demo: they take addresses from there. The
# page that runs the audit (app/web/public/audit_here.py) hands it those of the settings.
ON_ONE_S_OWN_MACHINE = (
    "app/demo/",
    "app/embedded/",
    "app/network/",
    "app/reporting/audit/",
    "app/reporting/verify/",
)


@cache
def speaking() -> set[str]:
    found = set()
    for folder in ("app", "workers"):
        for path in (ROOT / folder).rglob("*.py"):
            if _imports(path.read_text(encoding="utf-8")) & SPEAKS:
                found.add(path.relative_to(ROOT).as_posix())
    return found


def _imports(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names | {name.partition(".")[0] for name in names if not name.startswith("urllib")}


def test_only_these_open_connections() -> None:
    found = {path for path in speaking() if not path.startswith(ON_ONE_S_OWN_MACHINE)}
    assert found == set(ALLOWED)


def test_no_client_follows_a_redirection_or_skips_a_certificate() -> None:
    """httpx follows none and checks all unless it is told otherwise."""
    for path in speaking():
        text = (ROOT / path).read_text(encoding="utf-8")
        for word in ("follow_redirects=True", "verify=False", "CERT_NONE", "_create_unverified"):
            assert word not in text, path


def test_the_ruler_sees_a_new_one() -> None:
    assert _imports("import httpx.other") & SPEAKS
    assert _imports("from urllib import request") & SPEAKS
    assert not _imports("from urllib.parse import urlsplit") & SPEAKS
