"""What an operator may set of the signer: ceilings of custodial wallets, and who may connect."""

from __future__ import annotations

import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.config import ConfigError

LEAST_NOTICE = timedelta(hours=24)


@dataclass(frozen=True)
class Limits:
    """What one person's custodial accounts may pay: to one shop in five minutes, in 24 hours.

    In cents; low on purpose, since a custodial wallet is trust. `moves_day_cents` is what may leave
    for owners' own keys in 24 hours, all people together. Above `step_up_cents` to one shop
    in five minutes only a session that was just proved afresh may pay; by a paper card, which a
    PIN alone protects, less of it all; `card_gift_cents` is for the gift that closes an account.
    `move_notice`: how long a move to an owner's own key is announced before; less than a day in a
    demo alone.
    """

    payment_cents: int = 10_000
    day_cents: int = 20_000
    step_up_cents: int = 5_000
    card_payment_cents: int = 3_000
    card_day_cents: int = 5_000
    card_gift_cents: int = 50_000
    moves_day_cents: int = 500_000
    move_notice: timedelta = timedelta(hours=72)

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, demo: bool = False) -> Limits:
        """SIGNER_PAYMENT_CENTS, SIGNER_DAY_CENTS, both for SIGNER_CARD_, SIGNER_CARD_GIFT_CENTS,
        SIGNER_STEP_UP_CENTS, SIGNER_MOVES_DAY_CENTS, SIGNER_MOVE_NOTICE_SECONDS.

        Raises ConfigError.
        """
        return cls(
            payment_cents=_cents(environ, "SIGNER_PAYMENT_CENTS", cls.payment_cents),
            day_cents=_cents(environ, "SIGNER_DAY_CENTS", cls.day_cents),
            step_up_cents=_cents(environ, "SIGNER_STEP_UP_CENTS", cls.step_up_cents),
            card_payment_cents=_cents(environ, "SIGNER_CARD_PAYMENT_CENTS", cls.card_payment_cents),
            card_day_cents=_cents(environ, "SIGNER_CARD_DAY_CENTS", cls.card_day_cents),
            card_gift_cents=_cents(environ, "SIGNER_CARD_GIFT_CENTS", cls.card_gift_cents),
            moves_day_cents=_cents(environ, "SIGNER_MOVES_DAY_CENTS", cls.moves_day_cents),
            move_notice=_notice(environ, "SIGNER_MOVE_NOTICE_SECONDS", cls.move_notice, demo=demo),
        )


def _cents(environ: Mapping[str, str], name: str, default: int) -> int:
    given = environ.get(name, "").strip() or str(default)
    if not given.isdecimal() or not 0 < int(given) <= 100_000_000:
        raise ConfigError(f"{name} is {given!r}: set a whole number of cents from 1 to 100000000.")
    return int(given)


def _notice(environ: Mapping[str, str], name: str, default: timedelta, *, demo: bool) -> timedelta:
    given = environ.get(name, "").strip() or str(int(default.total_seconds()))
    least = 1 if demo else int(LEAST_NOTICE.total_seconds())
    if not given.isdecimal() or not least <= int(given) <= 2_592_000:
        raise ConfigError(f"{name} is {given!r}: set a number of seconds from {least} to 2592000.")
    return timedelta(seconds=int(given))


def clients_from_env(environ: Mapping[str, str]) -> frozenset[int]:
    """User ids of SIGNER_CLIENT_USERS, names separated by commas or spaces. Raises ConfigError."""
    names = environ.get("SIGNER_CLIENT_USERS", "").replace(",", " ").split()
    try:
        return frozenset(pwd.getpwnam(name).pw_uid for name in names)
    except KeyError as error:
        raise ConfigError(f"SIGNER_CLIENT_USERS: {error.args[0]}.") from error
