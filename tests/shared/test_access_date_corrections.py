"""Who may put which date right: for every set of roles, and every date."""

from itertools import combinations

import pytest

from shared.access.date_corrections import (
    CORRECTORS,
    OFFICE,
    RECEIPTS,
    may_correct,
    require_corrector,
)
from shared.access.principal import Principal, Role
from shared.errors import NotAllowed

TOLD = ("occurred_at", "aware_at", "ratified_at", "decided_at")
PEOPLE = [
    Principal("somebody", "Somebody", frozenset(roles), None)
    for count in range(len(Role) + 1)
    for roles in combinations(Role, count)
]


def test_a_receipt_is_for_the_office_and_never_for_somebody_who_notifies() -> None:
    for person in PEOPLE:
        may = {may_correct(person, field) for field in RECEIPTS}
        assert may == {bool(person.roles & OFFICE) and Role.NOTIFIER not in person.roles}


def test_what_was_told_is_for_those_who_notify_and_the_support_team() -> None:
    for person in PEOPLE:
        may = {may_correct(person, field) for field in TOLD}
        assert may == {bool(person.roles & {Role.NOTIFIER, Role.SUPPORT_OFFICER})}


def test_nobody_else_may_put_any_date_right() -> None:
    for person in PEOPLE:
        may = {may_correct(person, field) for field in (*TOLD, *RECEIPTS)}
        assert (True in may) == bool(person.roles & CORRECTORS)


def test_a_refusal_names_the_field_and_who_may() -> None:
    notifier = Principal("n", "N", frozenset({Role.NOTIFIER}), None)
    with pytest.raises(NotAllowed) as refusal:
        require_corrector(notifier, "received_at")
    (error,) = refusal.value.errors
    assert error.field == "field"
    assert error.rule.endswith("this one is for: chief-inspector, support-officer")
    require_corrector(notifier, "occurred_at")
