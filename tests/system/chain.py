"""The system as those around it use it: notifiers, inspectors, and whoever reads their mail."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast
from uuid import uuid4

import httpx

from tests.system.personal import FIFE, notification
from tests.system.running import System
from tests.system.waiting import until

RULES = ("lac-notify-24h", "lac-notify-one-working-day", "lac-notify-immediately", "lac-report-28d")
Json = dict[str, Any]


class Chain:
    """One running system, asked over HTTP with real tokens."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.http = httpx.Client(timeout=20)
        self._tokens: dict[str, dict[str, str]] = {}

    def close(self) -> None:
        """Closes every connection."""
        self.http.close()

    def as_(self, role: str, *areas: str) -> dict[str, str]:
        """Headers of somebody with this role."""
        wanted = " ".join((role, *areas))
        if wanted not in self._tokens:
            self._tokens[wanted] = self.system.auth(role, *areas)
        return self._tokens[wanted]

    @property
    def notifier(self) -> dict[str, str]:
        """Somebody who notifies for Fife."""
        return self.as_("notifier", FIFE)

    def post(self, service: str, path: str, **request: Any) -> httpx.Response:
        """One POST; by default as the notifier."""
        headers = self.notifier | request.pop("headers", {})
        return self.http.post(self.system.url(service) + path, headers=headers, **request)

    def get(self, service: str, path: str, **request: Any) -> httpx.Response:
        """One GET; by default as a chief inspector."""
        headers = self.as_("chief-inspector") | request.pop("headers", {})
        return self.http.get(self.system.url(service) + path, headers=headers, **request)

    def notify(
        self, body: Json | None = None, *, key: str | None = None, **headers: str
    ) -> httpx.Response:
        """`POST /notifications`, with a key of its own unless one is given."""
        sent = {"Idempotency-Key": key or str(uuid4())} | headers
        told = notification() if body is None else body
        return self.post("intake", "/notifications", json=told, headers=sent)

    def notified(self, **changes: Any) -> str:
        """The reference of a new notification."""
        answer = self.notify(notification(**changes))
        assert answer.status_code == 201, answer.text
        return answer.json()["reference"]

    def decide(self, reference: str, decision: str) -> httpx.Response:
        """Records a decision on a case."""
        path = f"/notifications/{reference}/decisions"
        return self.post("intake", path, json={"decision": decision})

    def hand_in(self, reference: str, stage: str, name: str, content: bytes) -> httpx.Response:
        """Hands in a report with one attachment."""
        path = f"/notifications/{reference}/reports"
        files = {"attachment": (name, content, "application/pdf")}
        return self.post("intake", path, data={"stage": stage}, files=files)

    def clocks(self, reference: str) -> dict[str, Json]:
        """The clocks of a case by rule, as they stand."""
        answer = self.get("deadlines", "/clocks", params={"reference": reference})
        return {clock["rule"]: clock for clock in answer.raise_for_status().json()["items"]}

    def clocks_once_started(self, reference: str) -> dict[str, Json]:
        """The clocks of a case as soon as there are any."""
        return until(lambda: self.clocks(reference), why=self.system.logs)

    def state(self, reference: str, rule: str) -> str | None:
        """The state of one clock; None while there is no such clock."""
        return self.clocks(reference).get(rule, {}).get("state")

    def timeline(self, reference: str) -> list[Json]:
        """Everything that happened in a case, all pages."""
        path, lines, cursor = f"/notifications/{reference}/timeline", [], None
        while True:
            asked = {"limit": "20"} | ({"cursor": cursor} if cursor else {})
            page = self.get("intake", path, params=asked).raise_for_status().json()
            lines += page["items"]
            if (cursor := page["next"]) is None:
                return lines

    def happened(self, reference: str) -> list[str]:
        """What happened in a case, in order."""
        return [line["what"] for line in self.timeline(reference)]

    def timeline_with(self, reference: str, what: str) -> list[Json]:
        """The timeline as soon as it tells of `what`."""
        until(lambda: what in self.happened(reference), why=self.system.logs)
        return self.timeline(reference)

    def mails(self, reference: str) -> list[EmailMessage]:
        """Every mail about a case, oldest first."""
        files = self.system.home.mails.glob(f"*{reference}*.eml")
        read = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
        about = [cast("EmailMessage", one) for one in read]
        return [one for one in about if one["X-Scrutiny-Reference"] == reference]

    def told(self, reference: str) -> list[EmailMessage]:
        """The mails about a case as soon as there is one and intake knows of it."""
        self.timeline_with(reference, "person.told")
        return self.mails(reference)
