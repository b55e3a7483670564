"""Custodial keys: made here, sealed by a key that only this process reads, never given out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.chain import typed
from app.chain.deploying.role_keys import signer_home
from app.errors import Problem
from app.identity.signer_models import WalletKey
from app.keyfiles import ensure_key
from app.privacy.keyed import joined
from app.privacy.keys import key_bytes
from app.privacy.sealing import open_bytes, seal_bytes
from workers.signer.cards import Cards


class Wallets:
    """Keys in signer.wallet_key; the master key lies under home/signer/keys."""

    def __init__(self, home: Path) -> None:
        self._master = key_bytes(ensure_key(signer_home(home), "wallets"))
        self.cards = Cards(self._master)

    def make(self, session: Session, now: datetime) -> str:
        """The address of a fresh key; the caller commits before telling anybody."""
        key = typed.new_key()
        address = typed.address_of(key)
        sealed = seal_bytes(self._master, key, _label(address))
        session.add(WalletKey(address=address, sealed_key=sealed, created_at=now))
        session.flush()
        return address

    def key(self, session: Session, address: str) -> bytes:
        """Raises Problem signer-key-not-held."""
        row = session.get(WalletKey, address)
        if row is None:
            raise Problem("signer-key-not-held")
        return open_bytes(self._master, row.sealed_key, _label(address))


def _label(address: str) -> bytes:
    return joined(b"civis.wallet.v1", address)
