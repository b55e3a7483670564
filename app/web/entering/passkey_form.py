"""What a page's script put into its form: the device's answer, and which question it answers."""

from __future__ import annotations

import json
from uuid import UUID

from flask import request

from app.identity.passkeys.ceremony import refused
from app.identity.passkeys.service import Reply
from app.json_depth import TooDeepError, check_depth


def reply() -> Reply:
    """Raises Problem passkey-refused for what no script of ours sent."""
    text = request.form.get("credential", "")
    try:
        check_depth(text)
        answer = json.loads(text)
        challenge = UUID(request.form.get("challenge", ""))
    except (ValueError, TooDeepError) as error:
        raise refused() from error
    if not isinstance(answer, dict):
        raise refused()
    return Reply(challenge, answer)
