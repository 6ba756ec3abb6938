"""Sweepers that are broken on purpose, each in one way; the product has no such switch."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import text

from services.deadlines.storage import due_cases, reminders
from services.deadlines.use_cases import telling

Clock = Callable[[], datetime]


def without_lock_and_ledger(clock: Clock) -> Clock:
    """Takes cases that others hold, reads no ledger, and names its mails anew each time."""
    due_cases._ANY = text(due_cases._ANY.text.replace("FOR UPDATE SKIP LOCKED", ""))
    reminders._WRITE = text(f"{reminders._WRITE.text} ON CONFLICT DO NOTHING")
    telling.MESSAGE_DOMAIN = f"{uuid4().hex}.example.org"
    return clock


def ahead_of_time(clock: Clock) -> Clock:
    """Believes that it is an hour later than it is."""
    return lambda: clock() + timedelta(hours=1)


VARIANTS: dict[str, Callable[[Clock], Clock]] = {
    "without lock and ledger": without_lock_and_ledger,
    "ahead of time": ahead_of_time,
}
