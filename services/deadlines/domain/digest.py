"""What one person is told of on one local day, in one mail."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from services.deadlines.domain.local_time import ONE_DAY
from shared.clock import LONDON


class Delivery(StrEnum):
    """How somebody wants to be told."""

    EACH = "each"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Digest:
    """One person's mail of one day; whatever is added is added before it is closed."""

    person: str
    day: date
    send_at: datetime
    attempts: int = 0

    def message_id(self, domain: str) -> str:
        """The same for the same person and day, however often it is tried."""
        return f"<digest.{self.person}.{self.day.isoformat()}@{domain}>"


def digest_for(person: str, now: datetime, hour: int) -> Digest:
    """The next one to go out; at its own hour it has gone, and the next day's is the next."""
    today = now.astimezone(LONDON).date()
    day = today if _sent_at(today, hour) > now else today + ONE_DAY
    return Digest(person, day, _sent_at(day, hour))


def following(digest: Digest, hour: int) -> Digest:
    """The one of the day after."""
    day = digest.day + timedelta(days=1)
    return Digest(digest.person, day, _sent_at(day, hour))


def _sent_at(day: date, hour: int) -> datetime:
    # Where a clock change repeats an hour or leaves it out, the one before the change is meant.
    return datetime.combine(day, time(hour), LONDON).astimezone(UTC)
