"""What a rule file must hold; every mistake names the file, the rule, the field and the remedy."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from services.deadlines.domain.facts import ANCHORS, DECISIONS, STAGE_BEFORE
from services.deadlines.domain.rules import Certainty, Standing, Unit

COLUMNS = (
    "id", "kind", "obligation", "anchor", "amount", "unit", "calendar", "cancelled_by",
    "standing", "governing", "instrument", "source", "certainty",
)  # fmt: skip
# A column that may be left out altogether.
ONLY_IF = "only_if"
_FILLED = ("id", "kind", "obligation", "instrument")
_ONE_OF: dict[str, tuple[str, ...]] = {
    "unit": tuple(Unit),
    "standing": tuple(Standing),
    "governing": ("yes", "no"),
    "certainty": tuple(Certainty),
}
_BY_CALENDAR = {Unit.WORKING_DAYS, Unit.SCHOOL_WEEKS}

Row = dict[str, str]


class RuleFileBroken(ValueError):
    """A rule file cannot be used; one line a mistake."""


def mistakes(file: Path, rows: list[Row]) -> Iterator[str]:
    """Every mistake in the rows of one file, as sentences."""
    missing = [name for name in COLUMNS if rows and name not in rows[0]]
    if missing or not rows:
        yield f"{file}: header: write the columns {', '.join(COLUMNS)}, and a rule below them"
        return
    for number, row in enumerate(rows, start=2):
        said = f"{file}: rule {row['id'] or f'in row {number}'}"
        yield from (f"{said}: {mistake}" for mistake in _mistakes_in(row))
    yield from (f"{file}: {mistake}" for mistake in _mistakes_between(rows))


def _mistakes_in(row: Row) -> Iterator[str]:
    for name in _FILLED:
        if not row[name]:
            yield f"{name}: write something, it is empty"
    for name, allowed in _ONE_OF.items():
        if row[name] not in allowed:
            yield f"{name}: write one of {', '.join(allowed)}, not {row[name]!r}"
    yield from _mistakes_in_anchor(row)
    yield from _mistakes_in_decisions(row)
    yield from _mistakes_in_amount(row)


def _mistakes_in_anchor(row: Row) -> Iterator[str]:
    if row["anchor"] not in ANCHORS and not row["anchor"].startswith(STAGE_BEFORE):
        known = f"{', '.join(ANCHORS)}, or {STAGE_BEFORE} and an obligation of the kind"
        yield f"anchor: write one of {known}, not {row['anchor']!r}"


def _mistakes_in_decisions(row: Row) -> Iterator[str]:
    for name in ("cancelled_by", ONLY_IF):
        for decision in row.get(name, "").split():
            if decision not in DECISIONS:
                yield f"{name}: write nothing or {' or '.join(DECISIONS)}, not {decision!r}"
    if len(row.get(ONLY_IF, "").split()) > 1:
        yield f"{ONLY_IF}: write one decision, or nothing"


def _mistakes_in_amount(row: Row) -> Iterator[str]:
    amount, unit = row["amount"], row["unit"]
    numberless = unit in {Unit.NONE, Unit.LOCAL}
    if numberless and amount:
        yield f"amount: leave it empty, the unit {unit} sets no number"
    if not numberless and not (amount.isascii() and amount.isdigit() and int(amount) >= 1):
        yield f"amount: write a whole number of at least 1, not {amount!r}"
    if unit in _BY_CALENDAR and not row["calendar"]:
        yield f"calendar: write `area` or a calendar's id, {unit.replace('_', ' ')} need one"
    if unit not in _BY_CALENDAR and row["calendar"]:
        yield f"calendar: leave it empty, the unit {unit} does not look at one"


def _mistakes_between(rows: list[Row]) -> Iterator[str]:
    for rule, times in Counter(row["id"] for row in rows).items():
        if times > 1:
            yield f"rule {rule}: id: write another, {times} rules have this one"
    yield from _mistakes_in_stages(rows)
    governing: Counter[tuple[str, str]] = Counter()
    for row in rows:
        governing[row["kind"], row["obligation"]] += row["governing"] == "yes"
    for (kind, obligation), times in governing.items():
        if times != 1:
            said = f"write `yes` for exactly one of them, not for {times}"
            yield f"rules of {kind} for {obligation}: governing: {said}"


def _mistakes_in_stages(rows: list[Row]) -> Iterator[str]:
    obligations = {(row["kind"], row["obligation"]) for row in rows}
    for row in rows:
        before = row["anchor"].removeprefix(STAGE_BEFORE)
        if before == row["anchor"]:
            continue
        if before == row["obligation"] or (row["kind"], before) not in obligations:
            said = f"write another obligation of {row['kind']} behind {STAGE_BEFORE}"
            yield f"rule {row['id']}: anchor: {said}, not {before!r}"
