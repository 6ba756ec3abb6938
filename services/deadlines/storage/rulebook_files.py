"""The rulebook as checked in, read once per process."""

from functools import cache

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendar_files import load_calendars
from services.deadlines.storage.rule_files import load_rule_sets


@cache
def load_rulebook() -> Rulebook:
    """Every rule set and calendar; a broken file stops the process with what to write in it."""
    return Rulebook(load_rule_sets(), load_calendars())
