"""Which clocks a caller asks a list for."""

from datetime import datetime
from typing import Annotated

from litestar.params import QueryParameter

from services.deadlines.domain.states import State
from services.deadlines.storage.clocks import Behind, Wanted
from shared.access.principal import Principal
from shared.errors import FieldError, Invalid
from shared.web.pages import Moment, Position, place

# Litestar keeps the name `state` for itself, so the parameter has another one inside.
InState = Annotated[
    str | None, QueryParameter(name="state", description=f"one of: {', '.join(State)}")
]


async def wanted_clocks(
    principal: Principal,
    reference: str | None = None,
    area: list[str] | None = None,
    kind: str | None = None,
    in_state: InState = None,
    due_from: datetime | None = None,
    due_before: datetime | None = None,
    governing: bool | None = None,
) -> Wanted:
    """Read the query string; areas the caller may not see hold nothing."""
    _require_offsets(due_from=due_from, due_before=due_before)
    return Wanted(
        reference=reference,
        among=frozenset(area) if area else None,
        kind=kind,
        state=_state(in_state),
        due_from=due_from,
        due_before=due_before,
        governing=governing,
        areas=principal.areas,
    )


def _require_offsets(**given: datetime | None) -> None:
    rule = "must say its offset from UTC, such as Z or +01:00"
    if wrong := [name for name, at in given.items() if at is not None and at.tzinfo is None]:
        raise Invalid(*(FieldError(name, rule) for name in wrong))


def _state(name: str | None) -> State | None:
    if name is not None and name not in set(State):
        raise Invalid(FieldError("state", f"must be one of: {', '.join(State)}"))
    return State(name) if name else None


async def behind(cursor: str | None = None) -> int:
    """The number of the last clock of the page before; 0 on the first page."""
    start = place(cursor, tuple[Position])
    return start[0] if start else 0


async def behind_due(cursor: str | None = None) -> Behind | None:
    """The last clock of the page before, of what is due; None on the first page."""
    start = place(cursor, tuple[Moment, Position])
    return Behind(*start) if start else None
