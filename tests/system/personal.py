"""Notifications in which everything personal carries a mark, so that any copy of it is found."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

MARK = "zq7personal"
# No fact of any test and no date of the calendar: only the person of a notification has it.
BORN = "1911-03-17"
FIFE = "S12000047"


# Every text of the run that nobody else may come to know.
TEXTS: set[str] = set()


def marked(what: str) -> str:
    """A text of its own that nobody writes by chance."""
    text = f"{MARK} {what} {uuid4().hex[:12]}"
    TEXTS.add(text)
    return text


def notification(**changes: Any) -> dict[str, Any]:
    """The body that notifies the death of a looked-after child in Fife, two hours ago."""
    happened = datetime.now(UTC) - timedelta(hours=2)
    return {
        "kind": "death-looked-after-child",
        "area": FIFE,
        "occurred_at": happened.isoformat(),
        "aware_at": (happened + timedelta(minutes=40)).isoformat(),
        "late_reason": marked("late reason"),
        "notifier": {
            "organisation": marked("organisation"),
            "name": marked("notifier"),
            "role": marked("role"),
            "email": f"{marked('mailbox').replace(' ', '.')}@example.org",
        },
        "subject": {"name": marked("child"), "date_of_birth": BORN},
        "details": {
            "legal_basis": marked("legal basis"),
            "residing_at_death": marked("residence"),
            "circumstances": marked("circumstances"),
        },
    } | changes
