"""Clocks by their record alone, where nothing but time has passed: no day is counted again.

A case knows the next instant at which time alone changes something. Whatever of its facts lies
before that instant was seen when the case was last looked at, and moves nothing any more; what
runs has at most come due soon or overdue since.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock, warns_at
from services.deadlines.domain.count import Count
from services.deadlines.domain.facts import Facts
from services.deadlines.domain.pauses import NEVER
from services.deadlines.domain.progress import Known
from services.deadlines.domain.rules import Rule
from services.deadlines.domain.states import State, running_state

_RUNS = frozenset({State.OPEN, State.DUE_SOON, State.OVERDUE})


class Record(NamedTuple):
    """A clock as it was last recorded."""

    known: Known
    due_at: datetime | None
    due_on: date | None
    discuss: bool


def only_time_has_passed(facts: Facts, woken_at: datetime) -> bool:
    """Whether all facts were seen when the case was last looked at; `woken_at` is what it awaited.

    A pause begins without anybody waiting for it, so where there is one the facts are replayed.
    """
    return not facts.pauses and all(at < woken_at for at in facts.instants())


def by_record(
    rules: Iterable[Rule], case: Case, records: Mapping[str, Record], now: datetime
) -> list[Clock] | None:
    """The clocks that run; those that do not stay as they are. None where facts must be replayed.

    They are as the whole replay would make them, but for the days that were counted.
    """
    clocks: list[Clock] = []
    for rule in rules:
        record = records.get(rule.id)
        if record is None or record.known.state is State.PAUSED:
            return None
        if record.known.state in _RUNS:
            clocks.append(_clock(rule.in_area(case.area), case.facts, record, now))
    return clocks


def _clock(rule: Rule, facts: Facts, record: Record, now: datetime) -> Clock:
    due_at, due_on = record.due_at, record.due_on
    warn_at = warns_at(rule, due_at, due_on)
    return Clock(
        rule=rule,
        facts=facts,
        as_at=now,
        anchor_at=facts.anchor(rule.anchor),
        counted=Count(due_at, due_on),
        warn_at=warn_at,
        state=running_state(rule, due_at, warn_at, NEVER, now),
        calendar=None,
        discuss=record.discuss,
    )
