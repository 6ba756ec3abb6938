"""What an act may do: sense for everybody, and limits for those who act alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.deadlines.domain.acts import Act, What
from services.deadlines.domain.rules import Rule
from services.deadlines.domain.wording import amount
from shared.errors import Conflict, FieldError

# Nothing official lasts longer; a slip of the pen is caught before it is counted.
MOST_UNITS = 10_000
FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Circle:
    """What surrounds an act: the rule it is done under, what stands already, who does it when.

    `alone` is somebody whom the rule's limits bind: an inspector, and not the chief inspector.
    """

    rule: Rule
    standing: Sequence[Act]
    today: date
    alone: bool


def require_number(rule: Rule) -> None:
    """What never runs out can be neither extended nor paused."""
    if not rule.unit.has_number:
        raise Conflict(f"Rule {rule.id} sets no number here: there is nothing to extend or pause.")


def extension_errors(circle: Circle, more: int) -> Iterator[FieldError]:
    """Why it cannot be extended by so many units."""
    if not 1 <= more <= MOST_UNITS:
        yield FieldError("amount", f"must be between 1 and {MOST_UNITS}")
        return
    most = circle.rule.limits.extend_most
    given = sum(act.amount or 0 for act in circle.standing if act.what is What.EXTENDED)
    if circle.alone and most is not None and given + more > most:
        yield FieldError(
            "amount",
            f"must not bring all extensions to more than {amount(most, circle.rule.unit)} "
            f"(limit of rule {circle.rule.id}; {given} are given already): ask the chief inspector",
        )


def pause_errors(circle: Circle, starts: date, ends: date | None) -> Iterator[FieldError]:
    """Why it cannot be paused on these days."""
    if ends is not None and ends <= starts:
        yield FieldError("until", "must be after from")
    yield from _too_far_back(circle, "from", starts)


def resumption_errors(circle: Circle, pause: Act, ends: date) -> Iterator[FieldError]:
    """Why a pause cannot end on that day."""
    if pause.starts is not None and ends < pause.starts:
        yield FieldError("until", "must not be before the first day of the pause")
    if ends > circle.today:
        yield FieldError("until", "must not be in the future")
    yield from _too_far_back(circle, "until", ends)


def reason_errors(reason: str, agreed_by: str | None) -> Iterator[FieldError]:
    """A reason that says something, and who agreed where somebody had to."""
    if len(reason.split()) < FEWEST_WORDS:
        yield FieldError("reason", f"must say why, in {FEWEST_WORDS} words or more")
    if agreed_by is not None and not agreed_by.strip():
        yield FieldError("agreed_by", "must name the role that agreed, such as chief inspector")


def _too_far_back(circle: Circle, field: str, day: date) -> Iterator[FieldError]:
    most = circle.rule.limits.back_days
    if circle.alone and most is not None and day < circle.today - timedelta(days=most):
        yield FieldError(
            field,
            f"must not lie more than {most} days back (limit of rule {circle.rule.id}): "
            "ask the chief inspector",
        )
