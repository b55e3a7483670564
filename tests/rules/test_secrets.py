"""No secret lies in the repository, and nothing in it runs what it reads."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECRETS = {
    "a private key": re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a key of a cloud": re.compile(rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b"),
    "a token of a forge": re.compile(rb"\b(?:gh[pousr]_\w{36}|glpat-[\w-]{20}|npm_\w{36})\b"),
    "a token of a service": re.compile(rb"\b(?:xox[abprs]-[\w-]{10,}|[sr]k_live_\w{16,})\b"),
    "a signed token": re.compile(rb"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "a password in an address": re.compile(
        rb"\b(?:postgres(?:ql)?(?:\+psycopg)?|smtps?|https?|amqp|redis)://[\w.-]+:"
        rb"(?!password@)(?P<password>[^@\s\"'`{}$<>/]{6,})@"
    ),
}
# Made up for a test of exactly such an address.
MADE_UP = {b"hunter2", b"changeme", b"secret", b"zK3-jq", b"long-and-random", b"long-and-real"}
NEVER = re.compile(r"(^|/)(\.env(\..*)?|id_(rsa|ed25519)|.*\.(pem|p12|pfx|key|keystore|jks))$")
OURS = re.compile(r"^(app|workers|docker|load)/.*\.py$")
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|javascript:"
)
POLLUTES = re.compile(r"Object\.assign|__proto__|\w\[[^\]\"']+\]\s*=[^=>]")
RUNS = {
    "code as text": re.compile(r"(?<![\w.])(?:eval|exec|compile)\("),
    "objects as bytes": re.compile(r"\b(?:pickle|marshal|shelve|dill)\.loads?\("),
    "a shell": re.compile(r"shell=True|os\.system\(|os\.popen\("),
    "YAML with objects": re.compile(r"yaml\.(?:load|unsafe_load|full_load)\("),
    "a template from outside": re.compile(r"render_template_string|\.from_string\("),
    "XML from outside": re.compile(r"\b(?:ElementTree|minidom|sax|lxml)\b.*\b(?:parse|fromstring)"),
    "a weak hash": re.compile(r"\b(?:md5|sha1|MD5|SHA1|DES|ARC4|ECB)\b\("),
}


# Functions made from checked rules; nothing that was read stands in their text (docs/adr/0027, and
# test_no_text_of_the_rules_gets_into_the_source in tests/unit/rewards/test_rule_predicates.py).
MADE = ["app/rewards/language/source.py: code as text"]


def kept() -> list[str]:
    """The files of the repository; where there is none, those that lie here."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False).stdout
    names = listed.decode().split("\0")[:-1]
    here = [path.relative_to(ROOT).as_posix() for path in (ROOT / "app").rglob("*.py")]
    return [name for name in names or here if (ROOT / name).is_file()]


def secrets_in(content: bytes) -> list[str]:
    found = []
    for name, pattern in SECRETS.items():
        for match in pattern.finditer(content):
            if match.groupdict().get("password") not in MADE_UP:
                found.append(name)
    return found


def test_no_file_holds_a_secret() -> None:
    names = kept()
    assert len(names) > 300
    assert [name for name in names if NEVER.search(name)] == []
    told = {name: secrets_in((ROOT / name).read_bytes()) for name in names}
    assert {name: found for name, found in told.items() if found} == {}


def test_no_code_runs_what_it_reads() -> None:
    sources = [name for name in kept() if OURS.match(name)]
    assert len(sources) > 200
    found = [
        f"{name}: {what}"
        for name in sources
        for what, pattern in RUNS.items()
        if pattern.search((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert found == MADE


def test_no_script_makes_markup_or_code_of_a_text() -> None:
    scripts = sorted((ROOT / "app/web/static").glob("js/*.js"))
    scripts.append(ROOT / "app/web/static/service-worker.js")
    assert len(scripts) > 8
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert not MARKUP.search(text), script.name
        assert not POLLUTES.search(text), f"{script.name}: a member named by what comes in"
        assert "localStorage" not in text, script.name
        assert "sessionStorage" not in text, script.name


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a" * 36,
        "postgresql://civis_app:" + "correct-horse@db.city.example/civis",
        "eyJ" + "hbGciOiJIUzI1" + ".eyJ" + "zdWIiOiIxMjM0" + ".c2lnbmF0dXJl",
    ],
)
def test_a_secret_would_be_seen(text: str) -> None:
    assert secrets_in(f"x = '{text}'".encode())
