"""What may be done to a case as a whole, by whom, and while it is open or ended."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.apis import Apis
from services.console.entrypoints.signed_in import PageAccess, page_for
from services.console.use_cases.close_case import close_case
from services.console.use_cases.correct_date import correct_date
from services.console.use_cases.ratify_review import ratify_review
from services.console.use_cases.reopen_case import reopen_case
from services.console.use_cases.withdraw_notification import withdraw_notification
from shared.access.date_corrections import CORRECTORS
from shared.access.principal import Principal, Role

Do = Callable[[Apis, str, str, Mapping[str, str]], Awaitable[Mapping[str, Any] | None]]
HANDING_IN = frozenset({Role.NOTIFIER, Role.SUPPORT_OFFICER})
CLOSING = frozenset({Role.STRATEGIC_INSPECTOR, Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR})
# A case is received until it is closed or withdrawn.
OPEN = "received"


@dataclass(frozen=True, slots=True)
class CaseAct:
    """One act; `button` is what does it, `about` what it means, `field` where refusals are told."""

    name: str
    title: str
    button: str
    about: str
    roles: frozenset[Role]
    do: Do
    field: str = "reason"

    @property
    def access(self) -> PageAccess:
        """Who may open its page."""
        return page_for(*self.roles)


CORRECT = CaseAct(
    "correct",
    "Put a date right",
    "See what would move",
    "What it said before stays on record, and every deadline that counts from it is counted anew.",
    CORRECTORS,
    correct_date,
    "field",
)
RATIFY = CaseAct(
    "ratify",
    "Record the ratification",
    "Record it",
    "The chief officers group has ratified the review: what counts from that begins.",
    HANDING_IN,
    ratify_review,
    "at",
)
WITHDRAW = CaseAct(
    "withdraw",
    "Withdraw the notification",
    "Withdraw it",
    "For what turned out not to be notifiable. Its clocks end, and everything stays on record.",
    HANDING_IN,
    withdraw_notification,
)
CLOSE = CaseAct(
    "close",
    "Close the case",
    "Close it",
    "Nothing new is taken until somebody reopens it, and its clocks end.",
    CLOSING,
    close_case,
)
REOPEN = CaseAct(
    "reopen",
    "Reopen the case",
    "Reopen it",
    "It goes on as if it had never ended: its clocks run again.",
    CLOSING,
    reopen_case,
)
CASE_ACTS = (CORRECT, RATIFY, WITHDRAW, CLOSE, REOPEN)


def possible_acts(
    person: Principal, note: Mapping[str, Any], *, ratified_kind: bool
) -> Sequence[CaseAct]:
    """What this person may do to the case as it stands."""
    return [
        act
        for act in CASE_ACTS
        if person.has(*act.roles) and not why_not(act, note, ratified_kind=ratified_kind)
    ]


def why_not(act: CaseAct, note: Mapping[str, Any], *, ratified_kind: bool) -> str:
    """Why it cannot be done to the case as it stands; empty when it can."""
    is_open = note["status"] == OPEN
    if act is REOPEN:
        return "The case is open." if is_open else ""
    if not is_open:
        return f"The case is {note['status']}. Reopen it before anything is added to it."
    if act is RATIFY and not ratified_kind:
        return "The chief officers group does not ratify cases of this kind."
    if act is RATIFY and note["ratified_at"]:
        return "The ratification is recorded already. If its date is wrong, put the date right."
    return ""
