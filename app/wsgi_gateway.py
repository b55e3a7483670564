"""The public read-only gateway to the chain as the server loads it; it knows no database."""

from __future__ import annotations

import os
import signal

from app.config import Settings
from app.lifeline import die_with_parent
from app.reporting.gateway import create_gateway

die_with_parent(signal.SIGKILL)
_settings = Settings.from_env(os.environ)
application = create_gateway(
    _settings.chain_rpc_urls,
    _settings.deployment_file,
    tokens=_settings.chain_rpc_tokens,
    log_range=_settings.chain.log_range,
    behind_proxy=_settings.public_url.startswith("https://"),
)
