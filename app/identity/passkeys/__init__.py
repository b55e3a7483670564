"""Passkeys (WebAuthn): added, used to sign in and to confirm, removed."""
