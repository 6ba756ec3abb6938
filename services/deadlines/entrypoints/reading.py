"""Reads texts into instants and dates, and remembers every rule that one of them broke."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec

from shared.errors import FieldError, Invalid
from shared.web.structure import rule_of

# Outside these years an instant cannot be told in both UTC and local time, or is a slip of the pen.
FIRST_YEAR, LAST_YEAR = 1900, 9998

AnyInstant = Annotated[datetime, msgspec.Meta(tz=True)]


class Reading:
    """One body on its way to being facts."""

    def __init__(self) -> None:
        self._errors: list[FieldError] = []

    def wrong(self, field: str, rule: str) -> None:
        """Remember that `field` breaks `rule`; answers None, for want of a value."""
        self._errors.append(FieldError(field, rule))

    def instant(self, field: str, text: str | None) -> datetime | None:
        """The instant in UTC, or None when it is not given or not one."""
        at = self._read(field, text, AnyInstant)
        return at.astimezone(UTC) if at else None

    def day(self, field: str, text: str | None) -> date | None:
        """The local date, or None when it is not given or not one."""
        return self._read(field, text, date)

    def one_of(self, field: str, value: str, known: Iterable[str]) -> None:
        """`value` must be known."""
        names = list(known)
        if value not in names:
            self.wrong(field, f"must be one of: {', '.join(names)}")

    def refuse_broken(self) -> None:
        """Raise everything that was found wrong."""
        if self._errors:
            raise Invalid(*self._errors)

    def _read(self, field: str, text: str | None, kind: Any) -> Any:
        if text is None:
            return None
        try:
            value = msgspec.convert(text, kind)
        except msgspec.ValidationError as error:
            return self.wrong(field, rule_of(str(error), kind))
        latest = date.max.year if kind is date else LAST_YEAR
        if not FIRST_YEAR <= value.year <= latest:
            return self.wrong(field, f"must lie between the years {FIRST_YEAR} and {latest}")
        return value
