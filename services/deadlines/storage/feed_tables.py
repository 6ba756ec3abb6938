"""The tables of calendar feeds: who may read which, and what each entry last said."""

from datetime import date, datetime

from sqlalchemy import ARRAY, Column, LargeBinary, Text
from sqlmodel import Field

from services.deadlines.storage.tables import Row, instant


class FeedRow(Row, table=True):
    """One address that a calendar program reads; of the address only a hash is kept."""

    __tablename__ = "feeds"
    id: str = Field(primary_key=True)
    secret_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    owner: str = Field(index=True)
    # `person`, `area` or `team`.
    scope: str
    name: str
    # Of an area or a team; a person's are those the owner may see when it is read.
    areas: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    made_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)
    revoked_by: str | None = None
    # How often it was read since when: who asks too often is told to wait.
    window_began_at: datetime | None = instant(nullable=True)
    reads: int = 0


class FeedOwnerRow(Row, table=True):
    """What the owner of a feed was allowed when last heard of: their programs show no token."""

    __tablename__ = "feed_owners"
    subject: str = Field(primary_key=True)
    roles: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    # NULL is all of Scotland.
    areas: list[str] | None = Field(sa_column=Column(ARRAY(Text)))
    seen_at: datetime = instant()


class FeedEntryRow(Row, table=True):
    """What calendars were last told of one clock, and how often that has changed."""

    __tablename__ = "feed_entries"
    clock_id: str = Field(primary_key=True, foreign_key="clocks.id")
    sequence: int = 0
    # `CONFIRMED`, or `CANCELLED` once nothing is due any more.
    status: str
    due_at: datetime = instant()
    due_on: date
    changed_at: datetime = instant()
