"""Notifications with sensible defaults, of nobody who lives: a test sets only what matters."""

from datetime import UTC, date, datetime
from typing import Any

import httpx

from services.intake.domain.kinds import DetailField, Kind, kinds
from services.intake.domain.notification import Notifier, Subject, Submission
from tests.access_kit import as_

FIFE = "S12000047"
STIRLING = "S12000030"
NOW = datetime(2026, 3, 30, 9, tzinfo=UTC)
OCCURRED = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)

NOTIFIER = as_("notifier", areas=[FIFE])
INSPECTOR = as_("strategic-inspector", areas=[FIFE], subject="inspector-1")
SUPPORT = as_("support-officer", subject="support-1")

# Said nowhere else, so that wherever it turns up it came from here.
PERSONAL = {
    "notifier": "Quentina Melder",
    "role": "Hallway warden of care",
    "email": "quentina.melder@example.org",
    "subject": "Zebedee Nonesuch",
    "born": "2011-09-17",
    "legal_basis": "Supervision order number 77-KESTREL",
    "residing": "Cottage of the lapwing",
    "circumstances": "Found beside the osprey loch",
    "late_reason": "The duty telephone had drowned",
    "report_late": "The dotterel had taken the report",
    "file": "zebedee-nonesuch-review.pdf",
    "content": "Page one tells of the curlew",
    "feedback": "Say more of the whimbrel",
}


def a_body(**given: Any) -> dict[str, Any]:
    """The body of the notification of a looked-after child's death; None takes a field away."""
    body = {
        "kind": "death-looked-after-child",
        "area": FIFE,
        "occurred_at": "2026-03-28T22:30:00Z",
        "aware_at": "2026-03-28T23:00:00Z",
        "late_reason": PERSONAL["late_reason"],
        "notifier": {
            "organisation": "Fife Council",
            "name": PERSONAL["notifier"],
            "role": PERSONAL["role"],
            "email": PERSONAL["email"],
        },
        "subject": {"name": PERSONAL["subject"], "date_of_birth": PERSONAL["born"]},
        "details": {
            "legal_basis": PERSONAL["legal_basis"],
            "residing_at_death": PERSONAL["residing"],
            "circumstances": PERSONAL["circumstances"],
        },
    } | given
    return {name: value for name, value in body.items() if value is not None}


def a_submission(**given: Any) -> Submission:
    """The same in the words of the domain."""
    defaults: dict[str, Any] = {
        "kind": "death-looked-after-child",
        "area": FIFE,
        "occurred_at": OCCURRED,
        "notifier": Notifier("Fife Council", "Sample Notifier", "Manager", "duty@example.org"),
        "subject": Subject("Sample Child", date(2014, 5, 6)),
        "details": {"legal_basis": "Section 25", "residing_at_death": "Foster care"},
    }
    return Submission(**(defaults | given))


def of_kind(name: str, **given: Any) -> Submission:
    """A submission of a kind with everything that the kind declares, required or not."""
    kind = kinds()[name]
    usual: dict[str, Any] = {
        "kind": name,
        "occurred_at": begun(kind),
        "details": {field.name: _value(field) for field in kind.fields},
        "late_reason": "The committee met late" if kind.late_reason_after_days else None,
    }
    return a_submission(**(usual | given))


def begun(kind: Kind) -> datetime:
    """A moment when what is notified as this kind may have begun."""
    if kind.begun_from is not None:
        return datetime(kind.begun_from.year, kind.begun_from.month, kind.begun_from.day, 12,
                        tzinfo=UTC)  # fmt: skip
    return datetime(2021, 8, 31, 12, tzinfo=UTC) if kind.begun_before else OCCURRED


def _value(field: DetailField) -> str:
    return {"choice": field.choices[0] if field.choices else "", "date": "2026-03-01"}.get(
        field.kind, "As it was told"
    )


async def notify(
    client: httpx.AsyncClient, headers: dict[str, str] = NOTIFIER, **given: Any
) -> str:
    """The reference of a new notification, posted over HTTP."""
    answer = await client.post("/notifications", json=a_body(**given), headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["reference"]


async def hand_in(
    client: httpx.AsyncClient,
    reference: str,
    *files: tuple[str, bytes],
    headers: dict[str, str] = NOTIFIER,
    **fields: str,
) -> httpx.Response:
    """Hand in the report of a case."""
    sent = [("attachment", (name, content, "application/pdf")) for name, content in files]
    data = {"stage": "report"} | fields
    # httpx sends a form without files in another form; an empty list of files keeps it multipart.
    return await client.post(
        f"/notifications/{reference}/reports",
        data=data,
        files=sent or [("", (None, b""))],
        headers=headers,
    )


def named(answer: httpx.Response) -> list[str]:
    """The fields that a problem names."""
    return [error["field"] for error in answer.json()["errors"]]
