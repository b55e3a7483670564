"""Every route with its methods and who it is open to; `python -m tests.rules.route_list`
rewrites the committed list after routes were added, moved or opened on purpose."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.application import build
from app.chain.signer import SignerClient
from app.clock import Clock
from app.config import Settings
from app.context import Application
from app.db import Database
from app.privacy.keys import Keyring
from app.security import auth_of, needs_step_up
from app.services import Services
from tests.support.elsewhere import NOBODY

COMMITTED = Path(__file__).parent / "routes.txt"
OWN_METHODS = {"HEAD", "OPTIONS"}


def application(home: Path) -> Application:
    """The whole application, on nothing: its routes can be read, not called."""
    settings = Settings.from_env({"CIVIS_HOME": str(home)})
    keyring, signer = Keyring(settings.keys), SignerClient.of(settings)
    return build(parts=Services(settings, Database(NOBODY), Clock(), keyring, signer))


def routes(app: Application) -> list[str]:
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        auth = f"{auth_of(view)}{' step-up' if needs_step_up(view) else ''}"
        for method in sorted(set(rule.methods or ()) - OWN_METHODS):
            found.append(f"{rule.rule} {method} {auth}")
    return sorted(found)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        lines = routes(application(Path(folder)))
    COMMITTED.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{COMMITTED.name}: {len(lines)} routes")
