"""Who asks, as every route sees them (app.security finds them)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import Problem
from app.identity.door import Acting
from app.identity.models import Role


@dataclass(frozen=True)
class Principal:
    """A signed-in person; `roles` says for which organisations, None being the city itself.

    `held_back`: roles that count only once a passkey stands behind the session. `station_id`: of
    the shift that they have open; `roles` are then those of its counter or till.
    """

    person_id: UUID
    session_id: UUID
    roles: Mapping[Role, frozenset[UUID | None]]
    by_cookie: bool
    by_passkey: bool = False
    held_back: frozenset[Role] = frozenset()
    proved_at: datetime | None = None
    station_id: UUID | None = None
    counted: tuple[int, datetime] | None = None  # writes in this window, if the door counted
    acting: Acting | None = None  # for somebody else, see app.acting
    agreed: bool | None = None  # to the use that the route needs consent for

    @property
    def workplace(self) -> UUID | None:
        """The station's organisation, in a shift there, whose roles name no other."""
        held = self.roles.values() if self.station_id else ()
        return next((one for organisations in held for one in organisations), None)

    @property
    def whose(self) -> UUID:
        """Whose data and tokens a route that a mandate may cover is about."""
        return self.acting.person_id if self.acting else self.person_id

    def has(self, role: Role, organisation_id: UUID | None = None) -> bool:
        """Whether they hold the role, for this organisation when one is named."""
        held = self.roles.get(role)
        return held is not None and (organisation_id is None or organisation_id in held)

    def organisation(self, role: Role) -> UUID:
        """The one organisation of a role. Raises not-allowed when there is none or several."""
        held = [one for one in self.roles.get(role, frozenset()) if one is not None]
        if len(held) != 1:
            raise Problem("not-allowed")
        return held[0]
