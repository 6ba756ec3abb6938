"""Which clocks a caller asks a list for."""

from datetime import datetime
from typing import Annotated

from litestar.params import QueryParameter

from services.deadlines.domain.states import State
from services.deadlines.storage.clocks import Wanted
from shared.access.principal import Principal
from shared.errors import FieldError, Invalid
from shared.web.pages import Position, place

# Litestar keeps the name `state` for itself, so the parameter has another one inside.
InState = Annotated[
    str | None, QueryParameter(name="state", description=f"one of: {', '.join(State)}")
]


async def wanted_clocks(
    principal: Principal,
    reference: str | None = None,
    area: str | None = None,
    in_state: InState = None,
    due_before: datetime | None = None,
) -> Wanted:
    """Read the query string; areas the caller may not see hold nothing."""
    if due_before is not None and due_before.tzinfo is None:
        raise Invalid(FieldError("due_before", "must say its offset from UTC, such as Z or +01:00"))
    return Wanted(reference, area, _state(in_state), due_before, principal.areas)


def _state(name: str | None) -> State | None:
    if name is not None and name not in set(State):
        raise Invalid(FieldError("state", f"must be one of: {', '.join(State)}"))
    return State(name) if name else None


async def behind(cursor: str | None = None) -> int:
    """The number of the last clock of the page before; 0 on the first page."""
    start = place(cursor, tuple[Position])
    return start[0] if start else 0
