"""The rulebook as checked in."""

from functools import cache

from services.deadlines.domain.calendar_shelf import CalendarShelf
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.rules import RuleSet
from services.deadlines.storage.calendar_files import load_calendars
from services.deadlines.storage.rule_files import load_rule_sets


def load_rulebook() -> Rulebook:
    """Every rule set, and the calendars a database begins with, on a shelf of its own.

    A broken file stops the process with what to write in it.
    """
    return Rulebook(_rule_sets(), CalendarShelf(load_calendars()))


@cache
def _rule_sets() -> dict[str, RuleSet]:
    return load_rule_sets()
