"""The keys that the operator's server holds, one file each under home/signer/keys, mode 600.

Only the signer process reads them, and whoever deploys the contracts on the first day. In
production home/signer belongs to the signer's own system user. All of these keys are labelled
as server-held wherever they are shown: two treasurers' keys in one process are two signatures,
but they are not two people.
"""

from __future__ import annotations

from pathlib import Path

from app.chain.log_seals import SEALER
from app.chain.typed import address_of
from app.keyfiles import KeyFileError, ensure_key, read_key
from app.privacy.keys import key_bytes

#: Keys that sign calls, by the name of the role that roles.json gives their functions.
SENDERS = {
    "minter": "MINTER",
    "settler": "SETTLER",
    "burner": "BURNER",
    "treasurer_1": "TREASURER",
    "treasurer_2": "TREASURER",
    "officer": "OFFICER",
    "officer_2": "OFFICER",
    "officer_3": "OFFICER",  # with the fourth, decides a recovery that was objected to
    "officer_4": "OFFICER",
    "registrar": "REGISTRAR",
    "pauser": "PAUSER",
    "unpauser": "UNPAUSER",
}
ACCEPTOR = "acceptor"  # signs acceptances, never a transaction
#: Of the quorum, whose decisions lead to ADMIN: none of them ever signs in the signer.
MEMBERS = ("member_1", "member_2", "member_3")
DEPLOYER = "deployer"  # keeps no right after the first day
ROLES = (*SENDERS, ACCEPTOR, *MEMBERS, DEPLOYER, SEALER)


def signer_home(home: Path) -> Path:
    """Where the signer keeps its keys, apart from those of the web."""
    return home / "signer"


def ensure_role_keys(home: Path) -> dict[str, str]:
    """Address by role; makes what is missing. For the first day, before contracts stand."""
    for role in ROLES:
        ensure_key(signer_home(home), role)
    return role_addresses(home)


def role_addresses(home: Path) -> dict[str, str]:
    """Address by role. Raises KeyFileError when a key was never made or is lost."""
    return {role: address_of(role_key(home, role)) for role in ROLES}


def role_key(home: Path, role: str) -> bytes:
    """The 32-byte private key of a role. Raises KeyError, KeyFileError."""
    if role not in ROLES:
        raise KeyError(role)
    return key_bytes(read_key(signer_home(home), role))


def read_deployer_key(path: Path) -> bytes:
    """64 hexadecimal digits, or a key as Civis makes it. Raises KeyFileError."""
    try:
        readable = path.stat().st_mode & 0o077
        text = path.read_text(encoding="ascii").strip().removeprefix("0x")
    except (OSError, ValueError) as error:
        raise KeyFileError(f"The key file {path} can't be read: see DEPLOYER_KEY_FILE.") from error
    if readable:
        raise KeyFileError(f"Others may read {path}: run `chmod 600 {path}`.")
    try:
        key = bytes.fromhex(text) if len(text) == 64 else key_bytes(text)
    except ValueError as error:
        raise KeyFileError(f"{path} holds no key of 64 hexadecimal digits.") from error
    if len(key) != 32:
        raise KeyFileError(f"{path} holds no key of 64 hexadecimal digits.")
    return key
