"""Addresses with credentials, as an operator gives them."""

from __future__ import annotations

PLACEHOLDERS = {"changeme", "change-me", "secret", "password", "postgres", "example", "placeholder"}


def check_no_placeholder(name: str, url: str) -> None:
    """Raises ValueError for a password that nobody has changed."""
    credentials = url.partition("://")[2].rpartition("@")[0]
    if credentials.partition(":")[2].lower() in PLACEHOLDERS:
        raise ValueError(f"{name} holds a placeholder password: set a real one.")


def with_driver(url: str) -> str:
    """postgres:// and postgresql:// as SQLAlchemy wants them for psycopg 3. Raises ValueError."""
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise ValueError("DATABASE_URL must begin with postgresql://: no other database works.")
    return f"postgresql+psycopg://{rest}"
