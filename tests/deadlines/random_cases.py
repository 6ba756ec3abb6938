"""Requests that nobody would think of: facts anywhere around each other and around `as_at`."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from tests.deadlines.official import FIFE, RULES

Json = dict[str, Any]

# Days on which something happens to the count: clock changes, Christmas, leap days, a one-off.
NOTABLE = [
    date(2024, 2, 28), date(2024, 3, 30), date(2024, 10, 26), date(2025, 3, 29),
    date(2025, 10, 25), date(2025, 12, 23), date(2026, 3, 28), date(2026, 4, 2),
    date(2026, 6, 13), date(2026, 10, 24), date(2026, 12, 24), date(2027, 12, 23),
    date(2028, 2, 27), date(2028, 10, 28), date(2099, 12, 30),
]  # fmt: skip


def random_case(chance: Random) -> Json:
    """One request; about half of its optional facts are there."""
    kind = chance.choice(list(RULES.by_kind))
    start = chance.choice(NOTABLE) + timedelta(days=chance.randint(-3, 4))
    obligations = RULES.obligations(kind)
    occurred = _instant(chance, start, 0, 1)
    case: Json = {"kind": kind, "area": FIFE, "occurred_at": _text(chance, occurred)}
    if chance.random() < 0.5:
        aware = occurred + timedelta(seconds=chance.randint(0, 5 * 86_400))
        case["aware_at"] = _text(chance, aware)
    for name in ("received_at", "ratified_at"):
        if chance.random() < 0.6:
            case[name] = _text(chance, _instant(chance, start, -1, 60))
    case["decisions"] = [_decision(chance, start) for _ in range(chance.choice((0, 0, 1, 2, 3)))]
    completed, paused, extended = (
        [chance.choice(obligations) for _ in range(chance.choice(times))]
        for times in ((0, 1, 2), (0, 1, 2, 4), (0, 0, 1, 2))
    )
    case["completions"] = [_completion(chance, start, one) for one in completed]
    case["pauses"] = [_pause(chance, start, one) for one in paused]
    case["extensions"] = [{"obligation": one, "amount": chance.randint(1, 40)} for one in extended]
    case["as_at"] = _text(chance, _instant(chance, start, -3, 150))
    return case


def random_history(chance: Random) -> Json:
    """One case that also has emergency regimes, and dates put right, some of them twice."""
    case = random_case(chance)
    start = datetime.fromisoformat(case["occurred_at"]).date()
    case["aware_at"] = case.get("aware_at") or case["occurred_at"]
    obligations = RULES.obligations(case["kind"])
    case["regimes"] = [
        _regime(chance, start, f"regime-{number}", obligations)
        for number in range(chance.choice((0, 1, 1, 2, 3)))
    ]
    chance.shuffle(case["regimes"])
    case["corrections"] = [
        {"field": field, "value": _text(chance, _instant(chance, start, first, last))}
        for field, first, last in chance.choices(_CORRECTABLE, k=chance.choice((0, 1, 2, 3)))
    ]
    return case


_CORRECTABLE = [
    ("occurred_at", -20, 0),
    ("aware_at", 0, 20),
    ("received_at", 0, 40),
    ("ratified_at", 0, 60),
]


def _regime(chance: Random, start: date, name: str, obligations: tuple[str, ...]) -> Json:
    begins = start + timedelta(days=chance.randint(-60, 60))
    ends = begins + timedelta(days=chance.choice((1, 3, 10, 60, 400)))
    amounts = {one: chance.randint(1, 30) for one in obligations if chance.random() < 0.6}
    until = None if chance.random() < 0.2 else ends.isoformat()
    return {"id": name, "from": begins.isoformat(), "until": until, "amounts": amounts}


def _decision(chance: Random, start: date) -> Json:
    decision = chance.choice(("learning-review", "no-learning-review"))
    # Few distinct instants, so that two are often equal.
    return {"decision": decision, "at": f"{start + timedelta(days=chance.randint(0, 9))}T12:00:00Z"}


def _completion(chance: Random, start: date, obligation: str) -> Json:
    return {"obligation": obligation, "at": _text(chance, _instant(chance, start, 0, 120))}


def _pause(chance: Random, start: date, obligation: str) -> Json:
    starts = start + timedelta(days=chance.randint(-4, 45))
    ends = starts + timedelta(days=chance.choice((0, 1, 2, 7, 30, 400)))
    until = None if chance.random() < 0.15 else ends.isoformat()
    return {"obligation": obligation, "from": starts.isoformat(), "until": until}


def _instant(chance: Random, start: date, first: int, last: int) -> datetime:
    midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)
    seconds = chance.choice((0, 3600, 82_800, 86_399, chance.randint(0, 86_399)))
    return midnight + timedelta(days=chance.randint(first, last), seconds=seconds)


def _text(chance: Random, at: datetime) -> str:
    offset = timedelta(minutes=chance.choice((0, 0, 60, -300, 345)))
    return (at + offset).replace(tzinfo=None).isoformat() + _offset(offset)


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
