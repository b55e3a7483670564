"""`python -m workers.signer`: runs until SIGTERM or SIGINT.

What is under way then is broken off: nothing is half signed, and clients ask again.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from app import telemetry
from app.chain.signer_protocol import socket_path
from app.clock import Clock
from app.config import ConfigError, DatabaseRole, Settings
from app.db import Database
from app.identity.passkeys.ceremony import Site
from app.keyfiles import KeyFileError
from workers.signer.limits import Limits, clients_from_env
from workers.signer.operations import Signer
from workers.signer.server import Server

log = telemetry.logger("signer")


def main() -> int:
    telemetry.configure()
    try:
        settings = Settings.from_env(os.environ)
        clients = clients_from_env(os.environ)
        server = Server(socket_path(settings.home), _signer(settings), clients)
    except (ConfigError, KeyFileError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for serve_forever, which this very thread runs
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    log.info("signer_ready", socket=str(server.path.name))
    with server:
        server.serve_forever(poll_interval=0.1)
    return 0


def _signer(settings: Settings) -> Signer:
    database = Database(settings.database_url(DatabaseRole.SIGNER), name="civis-signer")
    signer = Signer(
        home=settings.home,
        deployment_file=settings.deployment_file,
        database=database,
        clock=Clock(movable=settings.demo, zone=settings.time_zone),
        limits=Limits.from_env(os.environ, demo=settings.demo),
        site=Site.of(settings.public_url),
        demo=settings.demo,
    )
    _ = signer.wallets, signer.seals  # made or refused now, not when first needed
    return signer


if __name__ == "__main__":
    sys.exit(main())
