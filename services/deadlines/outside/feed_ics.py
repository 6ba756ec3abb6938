"""A feed as iCalendar (RFC 5545), the same bytes for as long as it says the same."""

from collections.abc import Sequence
from datetime import UTC, timedelta

from icalendar import Calendar, Event

from services.deadlines.domain.feed import Entry

# Names this system in the ids of entries; they stay the same for ever.
DOMAIN = "deadlines.scrutiny.example.org"
REFRESH = timedelta(hours=1)


def as_ics(name: str, entries: Sequence[Entry], console_url: str) -> bytes:
    """One event an entry; programs are asked to come back in an hour."""
    made = Calendar()
    made.add("prodid", "-//Strategic Scrutiny//Deadlines//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-published-ttl", "PT1H")
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        made.add_component(_event(entry, console_url.rstrip("/")))
    return made.to_ical()


def _event(entry: Entry, console_url: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.clock}@{DOMAIN}")
    event.add("sequence", entry.sequence)
    event.add("status", entry.status)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("dtstart", entry.due_on if entry.by_end_of_day else entry.due_at.astimezone(UTC))
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("url", f"{console_url}/cases/{entry.reference}")
    event.add("transp", "TRANSPARENT")
    return event
