"""How instants, lengths of time and names from the wire are written for people."""

from datetime import UTC, date, datetime
from typing import Any

from shared.clock import LONDON

_SMALL_WORDS = {"id": "ID", "gss": "GSS", "at": "at", "on": "on", "of": "of", "to": "to"}


def instant(value: Any) -> str:
    """`3 March 2026, 9.05am` in Scotland's time; anything else as it is."""
    when = _parsed(value)
    if when is None:
        return "" if value is None else str(value)
    local = when.astimezone(LONDON)
    hour = local.hour % 12 or 12
    half = "am" if local.hour < 12 else "pm"
    return f"{local.day} {local:%B %Y}, {hour}.{local:%M}{half}"


def instant_exact(nanoseconds: int) -> str:
    """Nanoseconds since 1970 as local date and time to the millisecond."""
    try:
        when = datetime.fromtimestamp(nanoseconds / 1e9, UTC).astimezone(LONDON)
    except (OverflowError, ValueError, OSError):
        return "at an impossible time"
    return f"{when.day} {when:%B %Y, %H:%M:%S}.{when.microsecond // 1000:03d}"


def day(value: Any) -> str:
    """`3 March 2026`."""
    try:
        when = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return f"{when.day} {when:%B %Y}"


def duration(nanoseconds: int) -> str:
    """The longest unit that leaves a whole part, with three figures: `1.24 s`, `850 µs`."""
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{_three(nanoseconds / size)} {unit}"
    return f"{nanoseconds} ns"


def age(seconds: Any) -> str:
    """`12 seconds`, `3 minutes`, `2 hours`, `5 days`."""
    left = float(seconds or 0)
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if left >= 2 * size or left == size:
            return _count(int(left // size), name)
    return _count(int(left), "second")


def words(name: Any) -> str:
    """A name from the wire as a person writes it: `death-looked-after-child` with its spaces."""
    spaced = str(name).replace("-", " ").replace("_", " ").split()
    told = " ".join(_SMALL_WORDS.get(word, word) for word in spaced)
    return told[:1].upper() + told[1:]


def option(name: Any) -> tuple[str, str]:
    """A name from the wire and how it reads in a list to choose from."""
    return str(name), words(name)


def version_option(version: Any) -> tuple[str, str]:
    """A version of the rules, and how it reads in a list to choose from."""
    newest = ", in force for what is notified now" if version["in_force"] else ""
    return version["version"], f"Version {version['version']}{newest}"


def capitalize_first(text: Any) -> str:
    """A sentence's first letter as a capital, the rest as it is."""
    return f"{str(text)[:1].upper()}{str(text)[1:]}"


def count(number: int, noun: str) -> str:
    """`1 span`, `1,204 spans`."""
    return _count(number, noun)


def percent(share: float) -> str:
    """A share of a width, kept within it."""
    return f"{min(max(share, 0.0), 1.0) * 100:.3f}%"


def _parsed(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _three(number: float) -> str:
    if number >= 99.95:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 9.995 else f"{number:.2f}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


FILTERS = {
    "instant": instant,
    "instant_exact": instant_exact,
    "day": day,
    "duration": duration,
    "age": age,
    "words": words,
    "kind_option": option,
    "version_option": version_option,
    "capitalize_first": capitalize_first,
    "count_of": count,
    "percent": percent,
}
