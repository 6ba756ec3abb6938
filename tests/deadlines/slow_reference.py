"""A second way of counting, written from the page that says what a preview answers.

It shares nothing with the service but the rules and holidays themselves: it walks local days one
by one, is slow on purpose, and speaks the JSON of a preview. Nothing of it is used in production.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]
Rule = dict[str, str]

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
THE_END = date(2200, 12, 31)


class Beyond(Exception):
    """The answer lies beyond the year 2200."""


def preview(request: Json, rules: list[Rule], holidays: dict[date, str]) -> list[Json]:
    """The clocks of one request, without their texts."""
    return [clock(request, rule, holidays) for rule in rules if rule["kind"] == request["kind"]]


def clock(request: Json, rule: Rule, holidays: dict[date, str]) -> Json:
    """One rule's clock."""
    anchor = anchor_of(request, rule["anchor"])
    touching, more = regimes(request, rule, anchor, holidays)
    due_at, due_on, days, spans = counted(request, rule, anchor, more, holidays)
    return {
        "rule": rule["id"],
        "due_at": due_at,
        "due_on": due_on,
        "state": state(request, rule, anchor, due_at),
        "days": days,
        "spans": spans,
    } | lateness(request, touching, due_at)


def counted(
    request: Json, rule: Rule, anchor: datetime | None, more: int, holidays: dict[date, str]
) -> tuple[datetime | None, date | None, list[Json], list[Json]]:
    """The due date with `more` units than extensions give, and the way to it."""
    if anchor is None or not rule["amount"]:
        return None, None, [], []
    extended = sum(one["amount"] for one in of(request, "extensions", rule["obligation"]))
    amount = int(rule["amount"]) + extended + more
    if rule["unit"] == "hours":
        due_at, spans = by_hours(request, rule, anchor, amount)
        return due_at, due_at and local(due_at), [], spans
    due_on, days = by_days(request, rule, anchor, amount, holidays)
    return due_on and start_of(due_on + DAY), due_on, days, []


def regimes(
    request: Json, rule: Rule, anchor: datetime | None, holidays: dict[date, str]
) -> tuple[list[Json], int]:
    """The regimes in whose days the obligation ran, and the units they add: earliest first."""
    touching: list[Json] = []
    more = 0
    if anchor is None or not rule["amount"]:
        return touching, more
    for regime in sorted(request.get("regimes", []), key=lambda one: (one["from"], one["id"])):
        due_at = counted(request, rule, anchor, more, holidays)[0]
        first = start_of(date.fromisoformat(regime["from"]))
        done = completion(request, rule["obligation"])
        over = any(at is not None and at <= first for at in (due_at, done))
        if over or begins_after(regime, anchor):
            continue
        touching.append(regime)
        more += regime["amounts"].get(rule["obligation"], 0)
    return touching, more


def begins_after(regime: Json, anchor: datetime) -> bool:
    """Whether the count begins when the regime is over."""
    until = regime["until"]
    return until is not None and anchor >= start_of(date.fromisoformat(until))


def lateness(request: Json, touching: list[Json], due_at: datetime | None) -> Json:
    """Which regimes touch it, and whether being late would be discussed; nothing without any."""
    if "regimes" not in request:
        return {}
    talk = False
    for regime in touching:
        first = start_of(date.fromisoformat(regime["from"]))
        late = due_at is not None and due_at > first
        talk = talk or (late and not ended_before(regime, due_at))
    return {"regimes": [one["id"] for one in touching], "discuss": talk}


def ended_before(regime: Json, due_at: datetime | None) -> bool:
    """Whether the regime was over at the due instant."""
    until = regime["until"]
    if until is None or due_at is None:
        return False
    return due_at > start_of(date.fromisoformat(until))


def corrected(request: Json) -> Json:
    """The request as it would have been had every date been right at once."""
    right = {name: value for name, value in request.items() if name != "corrections"}
    for one in request.get("corrections", []):
        right[one["field"]] = one["value"]
    return right


def anchor_of(request: Json, name: str) -> datetime | None:
    """The instant a rule counts from."""
    if name == "decided_at":
        decided = [read(one["at"]) for one in request.get("decisions", [])]
        return min(decided) if decided else None
    given = request.get(name)
    if given is None and name == "aware_at":
        given = request["occurred_at"]
    return None if given is None else read(given)


def by_hours(
    request: Json, rule: Rule, anchor: datetime, amount: int
) -> tuple[datetime | None, list[Json]]:
    """Elapsed time, piece by piece from midnight to midnight."""
    seconds_left = amount * 3600.0
    at, spans = anchor, []
    while True:
        day = local(at)
        if day > THE_END:
            raise Beyond
        tomorrow = start_of(day + DAY)
        if is_open_pause(request, rule, day):
            return None, spans
        if is_paused(request, rule, day):
            add_span(spans, at, tomorrow, "paused")
            at = tomorrow
            continue
        in_this_day = (tomorrow - at).total_seconds()
        if seconds_left <= in_this_day:
            due = at + timedelta(seconds=seconds_left)
            add_span(spans, at, due, "counted")
            if local(due) > THE_END:
                raise Beyond
            return due, spans
        add_span(spans, at, tomorrow, "counted")
        seconds_left -= in_this_day
        at = tomorrow


def by_days(
    request: Json, rule: Rule, anchor: datetime, amount: int, holidays: dict[date, str]
) -> tuple[date | None, list[Json]]:
    """Local dates, one by one; for months, as many as lie up to the same day of the month."""
    day = local(anchor)
    if rule["unit"] == "months":
        amount = days_up_to_months_on(day, amount)
    if is_open_pause(request, rule, day):
        return None, []
    days = [{"date": day, "counted": False, "why": "anchor"}]
    while amount:
        day += DAY
        if is_open_pause(request, rule, day):
            return None, days[:400]
        if day > THE_END:
            raise Beyond
        why = why_of(request, rule, day, holidays)
        days.append({"date": day, "counted": why == "counted", "why": why})
        if why == "holiday":
            days[-1]["name"] = holidays[day]
        amount -= why == "counted"
    return day, days


def why_of(request: Json, rule: Rule, day: date, holidays: dict[date, str]) -> str:
    """Why one day counts or does not."""
    if is_paused(request, rule, day):
        return "paused"
    if rule["unit"] == "working_days":
        if day in holidays:
            return "holiday"
        if day.strftime("%a") in {"Sat", "Sun"}:
            return "weekend"
    return "counted"


def days_up_to_months_on(anchor: date, months: int) -> int:
    """How many days until the same day of the month, or that month's last day."""
    year, month = anchor.year, anchor.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        if year > THE_END.year + 1:
            raise Beyond
    day = anchor.day
    while True:
        try:
            return (date(year, month, day) - anchor).days
        except ValueError:
            day -= 1


def state(request: Json, rule: Rule, anchor: datetime | None, due_at: datetime | None) -> str:
    """The first state that applies, in the order of the page."""
    as_at = read(request["as_at"])
    if anchor is None or anchor > as_at:
        return "not_started"
    completed = completion(request, rule["obligation"])
    held = decision_that_holds(request, as_at)
    in_time = held is not None and completed is not None and completed < read(held["at"])
    if held and held["decision"] == rule["cancelled_by"] and not in_time:
        return "cancelled"
    if completed is not None and completed <= as_at:
        return "met_late" if due_at is not None and completed >= due_at else "met"
    if rule["unit"] in {"none", "local"}:
        return "no_limit"
    if due_at is not None and as_at >= due_at:
        return "overdue"
    return "paused" if is_paused(request, rule, local(as_at)) else "running"


def completion(request: Json, obligation: str) -> datetime | None:
    """When the obligation was first met, if it was."""
    if obligation == "notify":
        return read(request["received_at"]) if request.get("received_at") else None
    times = sorted(read(one["at"]) for one in of(request, "completions", obligation))
    return times[0] if times else None


def decision_that_holds(request: Json, as_at: datetime) -> Json | None:
    """The latest at or before `as_at`; a stable sort keeps the later in the list behind."""
    made = [one for one in request.get("decisions", []) if read(one["at"]) <= as_at]
    made.sort(key=lambda one: read(one["at"]))
    return made[-1] if made else None


def is_open_pause(request: Json, rule: Rule, day: date) -> bool:
    """Whether a pause without an end has begun by `day`."""
    pauses = of(request, "pauses", rule["obligation"])
    return any(one["until"] is None and one["from"] <= day.isoformat() for one in pauses)


def is_paused(request: Json, rule: Rule, day: date) -> bool:
    """Whether any pause holds on `day`."""
    for one in of(request, "pauses", rule["obligation"]):
        until = one["until"] or "9999-99-99"
        if one["from"] <= day.isoformat() < until:
            return True
    return False


def of(request: Json, name: str, obligation: str) -> list[Json]:
    """The entries of one obligation."""
    return [one for one in request.get(name, []) if one["obligation"] == obligation]


def add_span(spans: list[Json], starts: datetime, ends: datetime, why: str) -> None:
    """Lengthen the last span, or begin another."""
    if starts == ends:
        return
    if spans and spans[-1]["why"] == why:
        spans[-1]["until"] = ends
    else:
        spans.append({"from": starts, "until": ends, "counted": why == "counted", "why": why})


def read(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text).astimezone(UTC)


def local(at: datetime) -> date:
    """The date in Scotland."""
    return at.astimezone(LONDON).date()


def start_of(day: date) -> datetime:
    """The first instant of a date in Scotland, by way of the offset that holds there then."""
    guess = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return guess - (guess.astimezone(LONDON).utcoffset() or timedelta())
