"""Things that exist in each service, so that attacks on what exists reach it: ids by parameter."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from services.deadlines.storage.tables import PLUMBING as DEADLINES
from services.directory.storage.tables import PLUMBING as DIRECTORY
from services.inspections.storage.tables import PLUMBING as INSPECTIONS
from services.intake.storage.tables import PLUMBING as INTAKE
from shared.access.principal import Role
from shared.confidential.fields import FieldCipher
from shared.messaging.delivery import RawRecord, read_raw
from shared.messaging.parking import Parking, Why
from tests.access_kit import FIELD_KEYS
from tests.chaos.attacked_app import AttackedApp
from tests.deadlines.builders import started
from tests.service_kit import transactions_on

FIFE = "S12000047"
PDF = ("report.pdf", b"%PDF-1.7", "application/pdf")
NOW = datetime(2026, 3, 30, 9, tzinfo=UTC)
Known = dict[str, str]

NOTIFICATION: dict[str, Any] = {
    "kind": "death-looked-after-child",
    "area": FIFE,
    "occurred_at": "2026-03-28T22:30:00Z",
    "aware_at": "2026-03-28T23:00:00Z",
    "late_reason": "The telephone had drowned",
    "notifier": {
        "organisation": "Fife Council",
        "name": "Sample Notifier",
        "role": "Manager",
        "email": "duty@example.org",
    },
    "subject": {"name": "Sample Child", "date_of_birth": "2014-05-06"},
    "details": {"legal_basis": "Section 25", "residing_at_death": "Foster care"},
}
PLAN: dict[str, Any] = {
    "theme": "adult-support-and-protection",
    "scope": "local",
    "areas": [FIFE],
    "starts_on": "2031-05-01",
    "ends_on": "2031-05-29",
    "elements": [{"name": "Social work", "bodies": ["care-inspectorate"]}],
}
PERSON = {"name": "Sample Person", "mailbox": "sample@example.org"}
COVER = {
    "person": "{person_id}",
    "role": "link-inspector",
    "area": FIFE,
    "starts_on": "2031-01-06",
    "ends_on": "2031-03-20",
    "kind": "cover",
}
PAUSE = {"from": None, "reason": "The police ask for it", "agreed_by": "Chief inspector"}
REGIME = {
    "name": "A flood",
    "kinds": ["death-looked-after-child"],
    "areas": [FIFE],
    "from": "2026-02-01",
    "until": "2026-03-01",
    "extensions": [{"obligation": "report", "amount": 5}],
    "reason": "Roads are closed",
    "agreed_by": "Chief inspector",
}
# Bodies that are taken, once `{names}` are filled in: the best places to begin being wrong.
SOUND: dict[str, Any] = {
    "POST /notifications": NOTIFICATION,
    "POST /drafts": NOTIFICATION,
    "PUT /drafts/{draft}": NOTIFICATION,
    "POST /notifications/{reference}/corrections": {
        "field": "submitted_at",
        "submission": "{submission}",
        "value": "2026-03-29T09:00:00Z",
        "reason": "It was handed over at the counter",
    },
    "POST /notifications/{reference}/decisions": {"decision": "learning-review"},
    "POST /previews": {
        "kind": "death-looked-after-child",
        "area": FIFE,
        "occurred_at": "2026-03-28T22:30:00Z",
        "received_at": "2026-03-29T22:30:00Z",
        "as_at": "2026-04-20T10:00:00Z",
        "pauses": [{"obligation": "report", "from": "2026-04-01", "until": "2026-04-08"}],
        "extensions": [{"obligation": "report", "amount": 5}],
    },
    "POST /notifications/{reference}/reviews": {
        "submission": "{submission}",
        "outcome": "accepted",
        "feedback": "Well told",
    },
    "POST /appointments": COVER,
    "POST /clocks/{clock_id}/extensions": {
        "amount": 3,
        "reason": "A late report",
        "agreed_by": "Chief inspector",
    },
    "POST /clocks/{clock_id}/pauses": PAUSE,
    "POST /clocks/{clock_id}/pauses/{pause_id}/resumptions": {"reason": "It goes on"},
    "POST /clocks/{clock_id}/acts/{act_id}/withdrawals": {"reason": "A mistake"},
    "POST /rebasings": {
        "reference": "{reference}",
        "version": "1",
        "reason": "New rules",
        "agreed_by": "Chief inspector",
    },
    "POST /rebasings/previews": {"reference": "{reference}", "version": "1"},
    "POST /date-corrections/previews": {
        "reference": "{reference}",
        "field": "received_at",
        "after": "2026-03-29T09:00:00Z",
    },
    "POST /regimes": REGIME,
    "POST /regimes/previews": REGIME,
    "POST /regimes/{regime_id}/endings": {"until": "2026-02-15", "reason": "It is over"},
    "POST /regimes/{regime_id}/withdrawals": {"reason": "A mistake"},
    "POST /regimes/{regime_id}/endings/previews": {"until": "2026-02-15"},
    "POST /regimes/{regime_id}/withdrawals/previews": {},
    "POST /people": PERSON,
    "PUT /people/{person_id}": PERSON | {"signs_in_as": "sample-person"},
    "POST /appointments/{appointment_id}/end": {"ends_on": "2031-02-01"},
    "POST /link-activities": {
        "area": FIFE,
        "key_area": "good-practice",
        "happened_on": "2026-03-01",
        "text": "A visit",
    },
    "POST /inspections": PLAN,
    "PUT /inspections/{reference}": PLAN,
    "POST /inspections/{reference}/cancel": {"reason": "Postponed"},
    "POST /parked/{parked}/discard": {"reason": "Nobody misses it"},
}


def sound_body(operation: str, known: Known) -> Any:
    """A body that this operation would take; None when it takes none, or is not known here."""
    found = SOUND.get(operation)
    return _filled(found, known) if found is not None else None


def _filled(value: Any, known: Known) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, known) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, known) for one in value]
    return known.get(value[1:-1], value) if isinstance(value, str) else value


def intake(app: AttackedApp) -> Known:
    """A case with a report and its attachment, and a draft."""
    notifier = app.as_(Role.NOTIFIER, [FIFE])
    reference = _made(app, notifier, "/notifications", json=NOTIFICATION)["reference"]
    path = f"/notifications/{reference}/reports"
    form = {"stage": "report", "late_reason": "The records were under water"}
    report = _made(app, notifier, path, data=form, files={"attachment": PDF})
    draft = _made(app, notifier, "/drafts", json=NOTIFICATION)
    attachment = report["attachments"][0]["id"]
    return {
        "reference": reference,
        "draft": draft["id"],
        "attachment": attachment,
        "submission": report["id"],
    }


def deadlines(app: AttackedApp) -> Known:
    """A case whose clocks run."""
    case, reference = str(uuid4()), f"SN-2026-{uuid4().hex[:6]}"

    async def start() -> None:
        url = app.app.state.settings.database_url.get_secret_value()
        async with transactions_on(url, DEADLINES, "deadlines") as transactions:
            await started(transactions, case=case, reference=reference)

    app.run(start())
    found = app.ask("GET", f"/clocks?reference={reference}", headers=app.as_(Role.CHIEF_INSPECTOR))
    clock, chief = found.json()["items"][-1]["id"], app.as_(Role.CHIEF_INSPECTOR)
    pause = _made(app, chief, f"/clocks/{clock}/pauses", json=PAUSE)["act"]["id"]
    known = {"clock_id": clock, "act_id": pause, "pause_id": pause, "reference": reference}
    regime = _made(app, chief, "/regimes", json=REGIME)["regime"]["id"]
    return known | {"rule_id": "lac-report-28d", "calendar_id": "scotland", "regime_id": regime}


def directory(app: AttackedApp) -> Known:
    """Somebody who is appointed."""
    officer = app.as_(Role.SUPPORT_OFFICER)
    person = _made(app, officer, "/people", json=PERSON)["id"]
    appointment = _made(app, officer, "/appointments", json=COVER | {"person": person})["id"]
    return {"person_id": person, "appointment_id": appointment, "gss_code": FIFE}


def inspections(app: AttackedApp) -> Known:
    """A joint inspection that is planned."""
    officer = app.as_(Role.SUPPORT_OFFICER)
    return {"reference": _made(app, officer, "/inspections", json=PLAN)["reference"]}


KNOWN: dict[str, Callable[[AttackedApp], Known]] = {
    "intake": intake,
    "deadlines": deadlines,
    "directory": directory,
    "inspections": inspections,
}
_PLUMBING = {
    "intake": INTAKE,
    "deadlines": DEADLINES,
    "directory": DIRECTORY,
    "inspections": INSPECTIONS,
}


def known_things(service: str, app: AttackedApp) -> Known:
    """New things of this service, a parked message among them."""
    return KNOWN[service](app) | {"parked": _parked(service, app)}


def _parked(service: str, app: AttackedApp) -> str:
    async def park() -> str:
        url = app.app.state.settings.database_url.get_secret_value()
        raw = RawRecord("directory.appointments.v1", 0, 1, 0, b"key", [("ce_id", b"1")], b"{")
        parking, why = Parking(FieldCipher(FIELD_KEYS)), Why("broken", "It was broken.")
        async with (
            transactions_on(url, _PLUMBING[service], service) as transactions,
            transactions.begin() as tx,
        ):
            return await parking.park(tx, read_raw(raw), why, NOW)

    return app.run(park())


def _made(app: AttackedApp, headers: dict[str, str], path: str, **told: Any) -> Any:
    answer = app.ask("POST", path, headers=headers, **told)
    assert answer.status_code == 201, answer.text
    return answer.json()
