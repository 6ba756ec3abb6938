"""Inspections with sensible defaults: a test sets only what matters to it."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from services.inspections.domain.inspection import Inspection, reference_of
from services.inspections.domain.plan import Plan, Proposal, ProposedElement, accept
from services.inspections.storage.reference import reference_data

FIFE = "S12000047"
STIRLING = "S12000030"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REFERENCE = reference_data()
_ids = count(1)


def a_proposal(**given: Any) -> Proposal:
    """Adult support and protection in Fife in May, scrutinised by two bodies."""
    defaults: dict[str, Any] = {
        "theme": "adult-support-and-protection",
        "scope": "local",
        "areas": (FIFE,),
        "starts_on": date(2026, 5, 1),
        "ends_on": date(2026, 5, 29),
        "elements": (
            ProposedElement("Social work", ("care-inspectorate",)),
            ProposedElement("Health", ("healthcare-improvement-scotland", "care-inspectorate")),
        ),
    }
    return Proposal(**(defaults | given))


def a_plan(**given: Any) -> Plan:
    """The accepted form of `a_proposal`."""
    return accept(a_proposal(**given), REFERENCE)


def an_inspection(**given: Any) -> Inspection:
    """An inspection with that plan."""
    number = next(_ids)
    return Inspection(f"inspection-{number}", reference_of(2026, number), a_plan(**given), NOW)


def national(**given: Any) -> Inspection:
    """The same for all of Scotland."""
    return an_inspection(scope="national", areas=(), **given)
