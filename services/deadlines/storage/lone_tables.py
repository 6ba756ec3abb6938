"""The table of cases that a change of many still owes one by one."""

from datetime import datetime

from sqlmodel import Field

from services.deadlines.storage.tables import Row, instant


class LoneRow(Row, table=True):
    """A case that is owed by itself, since the batch it was in could not be done."""

    __tablename__ = "lone_cases"
    # The correction of a calendar, or the reach of a regime.
    change: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    next_try_at: datetime = instant()
    # Since when it has failed by itself, and the type of the last error.
    stuck_since: datetime | None = instant(nullable=True)
    stuck_why: str | None = None
