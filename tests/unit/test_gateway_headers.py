"""The public gateway's answers are shared with every page, and are no page themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Settings
from app.reporting.gateway import create_gateway
from tests.support.signer import write_deployment


@pytest.mark.parametrize(("method", "path"), [("GET", "/livez"), ("GET", "/no"), ("PUT", "/")])
def test_every_answer_carries_the_headers_that_protect_browsers(
    tmp_path: Path, method: str, path: str
) -> None:
    settings = Settings.from_env({"CIVIS_HOME": str(tmp_path)})
    write_deployment(settings)
    for behind_proxy in (False, True):
        app = create_gateway((), settings.deployment_file, behind_proxy=behind_proxy)
        headers = app.test_client().open(path, method=method).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert ("Strict-Transport-Security" in headers) == behind_proxy
        assert headers["Access-Control-Allow-Origin"] == "*", "all of it is public"
        assert "Access-Control-Allow-Credentials" not in headers
