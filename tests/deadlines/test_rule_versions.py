"""Rules are data: a number, a kind, an area's own value; and a case moves only when it is moved."""

import csv
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.deadlines.domain.calendar import Break, calendars
from services.deadlines.domain.calendar_shelf import CalendarShelf
from services.deadlines.domain.explanation import explain
from services.deadlines.domain.facts import Completion, Decision, Facts
from services.deadlines.domain.rule_changes import changes_between
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.rules import Unit
from services.deadlines.domain.states import State
from services.deadlines.storage.cases import load_case
from services.deadlines.storage.rule_checks import RuleFileBroken
from services.deadlines.storage.rule_files import load_rule_sets
from services.deadlines.use_cases.rebase_case import rebase_case
from services.deadlines.use_cases.start_clocks import start_clocks
from services.deadlines.use_cases.sweep_due_clocks import sweep_due_clocks
from shared.errors import Conflict
from shared.transaction import Transactions
from tests.deadlines.acting_kit import NOW, REPORT, by, extended, rows
from tests.deadlines.builders import CASE, DIED, RECEIVED, notification, published, short, started
from tests.deadlines.official import CALENDARS, FIFE, HOME, RULES

KIND = "missing-child-review"
ROW = {
    "kind": KIND, "amount": "", "unit": "none", "calendar": "", "cancelled_by": "",
    "standing": "guidance", "governing": "yes", "instrument": "Invented guidance", "source": "",
    "certainty": "read",
}  # fmt: skip


def second_version(
    folder: Path, changed: dict[str, dict[str, str]], added: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Both rule sets, the second written by somebody who edits tables and nothing else."""
    for version in ("1", "2"):
        shutil.copytree(HOME / "rules" / "1", folder / version)
    file = folder / "2" / "rules.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [row | {"only_if": ""} for row in csv.DictReader(lines)]
    for row in rows:
        row.update(changed.get(row["id"], {}))
    rows = [row for row in rows if row["id"]] + [{"only_if": ""} | row for row in added or []]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return load_rule_sets(folder)


def book(rule_sets: dict[str, Any]) -> Rulebook:
    return Rulebook(rule_sets, CalendarShelf(CALENDARS))


def stage(rule: str, obligation: str, **more: str) -> dict[str, str]:
    return ROW | {"id": rule, "obligation": obligation, "anchor": "aware_at"} | more


STAGED = [
    stage("mcr-notify", "notify", amount="2", unit="working_days", calendar="area"),
    stage("mcr-first", "first-report", amount="14", unit="calendar_days"),
    stage("mcr-second", "second-report", amount="1", unit="months",
          anchor="completed:first-report"),
    stage("mcr-plan", "plan", amount="5", unit="calendar_days", anchor="decided_at",
          only_if="learning-review"),
    stage("mcr-area", "area-report", unit="local"),
]  # fmt: skip


def test_a_kind_is_added_by_data_alone(tmp_path: Path) -> None:
    rules = book(second_version(tmp_path, {}, STAGED))
    facts = Facts(occurred_at=DIED, aware_at=DIED, received_at=RECEIVED)
    clocks = {one.rule.id: one for one in rules.preview(KIND, FIFE, facts, NOW)}
    assert clocks["mcr-notify"].counted.due_on == date(2026, 2, 12)
    assert clocks["mcr-first"].counted.due_on == date(2026, 2, 24)
    assert clocks["mcr-second"].state is State.NOT_STARTED
    assert "counted from when the first report was received" in explain(clocks["mcr-second"])


def test_a_later_stage_counts_from_when_the_one_before_was_received(tmp_path: Path) -> None:
    rules = book(second_version(tmp_path, {}, STAGED))
    facts = Facts(occurred_at=DIED, aware_at=DIED, received_at=RECEIVED)
    facts = facts.with_completion(Completion("first-report", DIED))
    clocks = {one.rule.id: one for one in rules.preview(KIND, FIFE, facts, NOW)}
    assert clocks["mcr-second"].counted.due_on == date(2026, 3, 10)
    assert clocks["mcr-plan"].state is State.NOT_STARTED
    refused = facts.with_decision(Decision("no-learning-review", DIED))
    clocks = {one.rule.id: one for one in rules.preview(KIND, FIFE, refused, NOW)}
    assert (clocks["mcr-plan"].state, clocks["mcr-plan"].due_at) == (State.NOT_STARTED, None)
    decided = refused.with_decision(Decision("learning-review", RECEIVED))
    clocks = {one.rule.id: one for one in rules.preview(KIND, FIFE, decided, NOW)}
    assert clocks["mcr-plan"].counted.due_on == date(2026, 2, 15)


def test_an_area_sets_its_own_number_and_others_have_none(tmp_path: Path) -> None:
    second_version(tmp_path, {}, STAGED)
    with (tmp_path / "2" / "local.csv").open("a") as out:
        out.write("mcr-area,S12000047,10,calendar_days,Fife protocol of 2026\n")
    rules = book(load_rule_sets(tmp_path))
    facts = Facts(occurred_at=DIED, aware_at=DIED)
    found = {area: rules.preview(KIND, area, facts, NOW)[-1] for area in (FIFE, "S12000033")}
    assert found[FIFE].counted.due_on == date(2026, 2, 20)
    assert "within 10 calendar days (as the area has set: Fife protocol of 2026)" in explain(
        found[FIFE]
    )
    assert found[FIFE].warn_at is not None
    assert found["S12000033"].state is State.NO_LIMIT
    assert "set locally" in explain(found["S12000033"])


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("local.csv", "lac-report-28d,S12000047,3,hours,x", "rule: write the id of a rule whose"),
        ("local.csv", "scra-notify-local,Fife,3,hours,x", "area: write the GSS code"),
        ("local.csv", "scra-notify-local,S12000047,0,hours,x", "amount: write a whole number"),
        ("local.csv", "scra-notify-local,S12000047,3,weeks,x", "unit: write hours"),
        ("local.csv", "scra-notify-local,S12000047,3,hours,", "source: write where"),
        ("validity.csv", "nobody,,,", "rule: write the id of a rule"),
        ("validity.csv", "lac-report-28d,soon,,", "valid_from: write a day like"),
        ("validity.csv", "lac-report-28d,2021-01-01,2020-01-01,", "valid_to: write a day after"),
        ("limits.csv", "nobody,1,1", "applies_to: write a unit or the id of a rule"),
        ("limits.csv", "hours,many,1", "extend_most: write a whole number"),
    ],
)
def test_a_mistake_beside_the_rules_says_what_to_write(
    tmp_path: Path, file: str, line: str, said: str
) -> None:
    second_version(tmp_path, {})
    with (tmp_path / "2" / file).open("a") as out:
        out.write(f"{line}\n")
    with pytest.raises(RuleFileBroken, match=said) as broken:
        load_rule_sets(tmp_path)
    assert str(tmp_path / "2" / file) in str(broken.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"anchor": "completed:party"}, "anchor: write another obligation of"),
        ({"anchor": "completed:report"}, "anchor: write another obligation of"),
        ({"only_if": "rain"}, "only_if: write nothing or learning-review"),
        ({"only_if": "learning-review no-learning-review"}, "only_if: write one decision"),
        ({"unit": "school_weeks"}, "calendar: write `area`"),
    ],
)
def test_a_condition_or_a_stage_that_is_wrong_says_what_to_write(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    with pytest.raises(RuleFileBroken, match=said):
        second_version(tmp_path, {REPORT: change})


def test_two_versions_are_told_apart_field_by_field(tmp_path: Path) -> None:
    sets = second_version(tmp_path, {REPORT: {"amount": "30"}, "lsi-completed": {"id": ""}}, STAGED)
    found = changes_between(sets["1"], sets["2"])
    assert [rule.id for rule in found.removed] == ["lsi-completed"]
    assert [rule.id for rule in found.added] == [row["id"] for row in STAGED]
    ((field,),) = [change.fields for change in found.changed]
    assert (field.field, field.before, field.after) == ("amount", 28, 30)
    assert changes_between(sets["1"], sets["1"]).changed == ()


async def test_a_new_version_changes_nothing_that_runs_until_a_case_is_rebased(
    transactions: Transactions, tmp_path: Path
) -> None:
    rules = book(second_version(tmp_path, {REPORT: {"amount": "30"}}))
    await started(transactions)
    await extended(transactions, 2)
    async with transactions.begin() as tx:
        await sweep_due_clocks(tx, rules, NOW, 50)
        case = await load_case(tx.session, CASE)
    assert case is not None
    assert (case.rule_set, rules.clocks(case, NOW)[3].counted.due_on) == ("1", date(2026, 3, 12))
    async with transactions.begin() as tx:
        done = await rebase_case(tx, rules, case.reference, "2", by(), "act-1")
    assert (done.after.rule_set, done.gone) == ("2", [])
    assert {one.after.rule.id for one in done.moved} == {rule.id for rule in RULES.of(case.kind)}
    (report,) = [one for one in done.moved if one.after.rule.id == REPORT]
    assert report.after.counted.due_on == date(2026, 3, 14)
    (stored,) = await rows(transactions, f"SELECT due_on FROM clocks WHERE rule = '{REPORT}'")
    assert stored.due_on == date(2026, 3, 14)
    async with transactions.begin() as tx:
        with pytest.raises(Conflict):
            await rebase_case(tx, rules, case.reference, "2", by(), "act-2")
    (audited,) = await rows(
        transactions, "SELECT reason, before FROM audit_log WHERE act = 'case.rebased'"
    )
    assert (bool(audited.reason), audited.before) == (True, {"version": "1"})
    assert "case.rebased" in [short(one.type) for one in await published(transactions)]


async def test_a_rule_that_the_new_version_has_not_loses_its_clock(
    transactions: Transactions, tmp_path: Path
) -> None:
    gone = "lac-notify-one-working-day"
    rules = book(second_version(tmp_path, {gone: {"id": ""}}))
    await started(transactions)
    async with transactions.begin() as tx:
        await rebase_case(tx, rules, "SN-2026-000001", "2", by(), "act-1")
    left = [row.rule for row in await rows(transactions, "SELECT rule FROM clocks")]
    assert gone not in left
    assert len(left) == 3


async def test_a_new_case_is_pinned_to_the_version_in_force(
    transactions: Transactions, tmp_path: Path
) -> None:
    rules = book(second_version(tmp_path, {REPORT: {"amount": "30"}}))
    async with transactions.begin() as tx:
        await start_clocks(tx, rules, CASE, notification(), RECEIVED)
        case = await load_case(tx.session, CASE)
    assert case is not None
    assert case.rule_set == "2"


def test_school_weeks_leave_out_the_areas_school_holidays(tmp_path: Path) -> None:
    weeks = stage("mcr-visit", "visit", amount="3", unit="school_weeks", calendar="area")
    sets = second_version(tmp_path, {}, [weeks])
    scotland = CALENDARS.by_id["scotland"]
    easter = Break(date(2026, 2, 16), date(2026, 2, 20), "February break")
    own = replace(scotland, id=FIFE, version="1", school=(easter,))
    shelf = CalendarShelf(calendars([scotland, own]))
    facts = Facts(occurred_at=DIED, aware_at=DIED)
    (clock,) = Rulebook(sets, shelf).preview(KIND, FIFE, facts, NOW)
    assert clock.rule.unit is Unit.SCHOOL_WEEKS
    # 10 February and 21 days, and five more of the break.
    assert clock.counted.due_on == date(2026, 3, 8)
    assert "Days in the area's school holidays were skipped: 5 in February break." in explain(clock)
    (elsewhere,) = Rulebook(sets, shelf).preview(KIND, "S12000033", facts, NOW)
    assert elsewhere.counted.due_on == date(2026, 3, 3)


def test_an_explanation_says_when_a_wording_was_not_in_force(tmp_path: Path) -> None:
    rules = book(second_version(tmp_path, {}))
    facts = Facts(occurred_at=DIED, aware_at=DIED)
    (report,) = rules.preview("significant-case-review-child", FIFE, facts, NOW)
    assert "not in force on the day on which this happened (superseded by" in explain(report)
