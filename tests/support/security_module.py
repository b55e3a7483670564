"""A slot of Debian's SoftHSM, if this machine has one: a real PKCS#11 library, keys in a folder."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pkcs11
import pytest

from app.key_settings import KeySettings, keys_of

INSTALL = "apt-get install -y --no-install-recommends softhsm2"
PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)
LIBRARY = next(filter(os.path.exists, PLACES), "")
LABEL = "civis-tests"
needs_softhsm = pytest.mark.skipif(
    not (LIBRARY and shutil.which("softhsm2-util")),
    reason=f"NOT RUN, no security module to try: `{INSTALL}`",
)


@contextmanager
def softhsm(folder: Path) -> Iterator[dict[str, str]]:
    """The settings of a fresh slot, whose PIN lies in a file.

    The library reads where its slots lie when it starts, so it ends with them.
    """
    config, slots, pin_file = folder / "softhsm2.conf", folder / "slots", folder / "pin"
    slots.mkdir()
    config.write_text(f"directories.tokendir = {slots}\nlog.level = ERROR\n", "ascii")
    pin = secrets.token_hex(8)
    pin_file.write_text(pin, "ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(config))
        command = ["softhsm2-util", "--init-token", "--free", "--label", LABEL]
        pins = ["--pin", pin, "--so-pin", secrets.token_hex(8)]
        subprocess.run([*command, *pins], check=True, capture_output=True)
        try:
            yield {
                "PKCS11_MODULE": LIBRARY,
                "PKCS11_LABEL": LABEL,
                "PKCS11_PIN_FILE": str(pin_file),
            }
        finally:
            pkcs11.lib(LIBRARY).finalize()


def by_module(module: Mapping[str, str], **more: str) -> KeySettings:
    return set_to(KEY_KEEPER="pkcs11", **module, **more)


def set_to(**given: str) -> KeySettings:
    return keys_of(lambda name: given.get(name, ""))


def extractable(text: str, module: Mapping[str, str]) -> bool:
    """Whether the module gives out the key that wrapped this file."""
    pin = Path(module["PKCS11_PIN_FILE"]).read_text("ascii")
    with pkcs11.lib(LIBRARY).get_token(token_label=LABEL).open(user_pin=pin) as session:
        key = session.get_key(id=bytes.fromhex(text.split(":")[1]))
        try:
            return bool(key[pkcs11.Attribute.VALUE])
        except pkcs11.AttributeSensitive:
            return False
