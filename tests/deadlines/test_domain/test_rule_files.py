"""Rule sets are data; a mistake in one is named with its remedy, never guessed around."""

import csv
from pathlib import Path
from typing import Any

import pytest

from services.deadlines.domain.rules import Unit
from services.deadlines.storage.rule_checks import RuleFileBroken
from services.deadlines.storage.rule_files import load_rule_set, load_rule_sets
from tests.deadlines.official import HOME, RULES, rule_rows

WARNINGS = (HOME / "rules" / "1" / "warnings.csv").read_text(encoding="utf-8")
REMINDERS = (HOME / "rules" / "1" / "reminders.csv").read_text(encoding="utf-8")
DAYS_RULE, HOURS_RULE = "lac-report-28d", "lac-notify-24h"


def written(folder: Path, changed: dict[str, Any], rule: str = DAYS_RULE) -> Path:
    """The first rule set with one rule changed, in a folder named like its version."""
    home = folder / "7"
    home.mkdir()
    rows = rule_rows()
    next(row for row in rows if row["id"] == rule).update(changed)
    with (home / "rules.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (home / "warnings.csv").write_text(WARNINGS)
    (home / "reminders.csv").write_text(REMINDERS)
    return home / "rules.csv"


def test_the_first_rule_set_has_every_rule_in_order() -> None:
    assert [rule.id for rule in RULES.rules] == [row["id"] for row in rule_rows()]
    assert RULES.version == "1"


def test_every_rule_that_counts_warns_before_it_is_due() -> None:
    for rule in RULES.rules:
        assert (rule.warning.hours > 0) or (rule.warning.days > 0) or not rule.unit.has_number


def test_a_changed_amount_is_all_it_takes(tmp_path: Path) -> None:
    changed = load_rule_set(written(tmp_path, {"amount": "30"})).rule(DAYS_RULE)
    assert changed is not None
    assert (changed.amount, changed.version, changed.unit) == (30, "7", Unit.CALENDAR_DAYS)


def test_rule_sets_come_oldest_first_by_number(tmp_path: Path) -> None:
    for version in ("10", "9"):
        written(tmp_path, {}).parent.rename(tmp_path / version)
    assert list(load_rule_sets(tmp_path)) == ["9", "10"]


@pytest.mark.parametrize(
    ("rule", "changed", "said"),
    [
        (DAYS_RULE, {"amount": "some"}, "amount: write a whole number of at least 1, not 'some'"),
        (DAYS_RULE, {"amount": "0"}, "amount: write a whole number of at least 1"),
        (DAYS_RULE, {"amount": "-3"}, "amount: write a whole number of at least 1"),
        (DAYS_RULE, {"unit": "none"}, "amount: leave it empty"),
        (DAYS_RULE, {"unit": "fortnights"}, "unit: write one of hours, calendar_days"),
        (DAYS_RULE, {"unit": "working_days"}, "calendar: write `area`"),
        (DAYS_RULE, {"calendar": "area"}, "calendar: leave it empty"),
        (DAYS_RULE, {"anchor": "born_at"}, "anchor: write one of occurred_at"),
        (DAYS_RULE, {"cancelled_by": "rain"}, "cancelled_by: write nothing or learning-review"),
        (DAYS_RULE, {"standing": "rumour"}, "standing: write one of statutory"),
        (DAYS_RULE, {"governing": "maybe"}, "governing: write one of yes, no"),
        (DAYS_RULE, {"certainty": "sure"}, "certainty: write one of read"),
        (DAYS_RULE, {"instrument": " "}, "instrument: write something"),
        (DAYS_RULE, {"id": ""}, "rule in row 5: id: write something"),
        (DAYS_RULE, {"id": HOURS_RULE}, "id: write another, 2 rules have this one"),
        (DAYS_RULE, {"governing": "no"}, "write `yes` for exactly one of them, not for 0"),
        ("lac-notify-immediately", {"governing": "yes"}, "exactly one of them, not for 2"),
    ],
)
def test_a_mistake_names_file_rule_field_and_remedy(
    tmp_path: Path, rule: str, changed: dict[str, str], said: str
) -> None:
    file = written(tmp_path, changed, rule)
    with pytest.raises(RuleFileBroken) as broken:
        load_rule_set(file)
    assert said in str(broken.value)
    assert str(file) in str(broken.value)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, {"amount": "some", "standing": "rumour", "anchor": "born_at"})
    with pytest.raises(RuleFileBroken) as broken:
        load_rule_set(file)
    assert len(str(broken.value).splitlines()) == 3


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    file = written(tmp_path, {})
    file.write_text(file.read_text().replace("standing", "stance", 1))
    with pytest.raises(RuleFileBroken, match="write the columns id, kind, obligation"):
        load_rule_set(file)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nobody,,3", "nobody: applies_to: write a unit or the id of a rule"),
        ("hours,6,6", "hours: hours, days: write a whole number"),
        ("hours,,", "hours: hours, days: write a whole number"),
        ("hours,soon,", "hours: hours, days: write a whole number"),
    ],
)
def test_a_broken_warning_window_says_what_to_write(tmp_path: Path, line: str, said: str) -> None:
    file = written(tmp_path, {})
    (file.parent / "warnings.csv").write_text(f"{WARNINGS}{line}\n")
    with pytest.raises(RuleFileBroken, match=said):
        load_rule_set(file)


def test_every_unit_that_counts_needs_a_warning_window(tmp_path: Path) -> None:
    file = written(tmp_path, {})
    (file.parent / "warnings.csv").write_text("applies_to,hours,days\nhours,6,\n")
    with pytest.raises(RuleFileBroken, match="write a row for calendar_days, working_days, months"):
        load_rule_set(file)
