"""The pages people can go to, and who may: navigation, start page and routes all read this."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.console.entrypoints.signed_in import PageAccess, page_for
from shared.access.principal import CASE_READERS, Principal, Role


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the console."""

    path: str
    title: str
    about: str
    roles: frozenset[Role]

    @property
    def access(self) -> PageAccess:
        """Who may open its pages."""
        return page_for(*self.roles)


PEOPLE = frozenset(Role) - {Role.SERVICE}
READERS = CASE_READERS - {Role.SERVICE}

CASES = Place(
    "/cases",
    "Cases",
    "Read notifications, their deadlines and how each date was counted.",
    READERS,
)
DEADLINES = Place(
    "/deadlines",
    "Deadlines",
    "See what is due and when, why, and what became of it.",
    READERS,
)
WHAT_IF = Place(
    "/what-if",
    "What if",
    "Try dates: see what would be due, day by day, and take the text into a letter.",
    PEOPLE,
)
RULES = Place(
    "/rules",
    "Rules",
    "Read every official wording, its source and how sure it is; see where wordings conflict.",
    PEOPLE,
)
REGIMES = Place(
    "/regimes",
    "Regimes",
    "See which emergency regimes hold, whom they touch, and what became of them.",
    READERS,
)
REMINDERS = Place(
    "/reminders",
    "Reminders",
    "Choose how mails about deadlines reach you: each at once, or one a day.",
    frozenset({Role.STRATEGIC_INSPECTOR, Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR}),
)
TRACES = Place(
    "/traces",
    "Traces",
    "Follow one request through every service, from the first byte to the last effect.",
    frozenset({Role.OPERATOR, Role.AUDITOR}),
)
HEALTH = Place(
    "/health",
    "Health",
    "See whether messages flow: what waits to be sent, read or decided.",
    frozenset({Role.OPERATOR, Role.AUDITOR}),
)
PARKED = Place(
    "/parked",
    "Parked",
    "Look at messages that could not take effect; try them again, or give them up.",
    frozenset({Role.OPERATOR, Role.AUDITOR}),
)
MAILS = Place(
    "/mails",
    "Mails",
    "Read the mails this embedded system would have sent.",
    frozenset({Role.OPERATOR, Role.SUPPORT_OFFICER}),
)
STATISTICS = Place(
    "/statistics",
    "Statistics",
    "See what came in time, what is overdue, and which areas have fallen silent.",
    READERS,
)
CALENDARS = Place(
    "/calendars",
    "Calendars",
    "See which days are worked in each area; try a change out, and bring it into force.",
    PEOPLE,
)
FEEDS = Place(
    "/feeds",
    "Feeds",
    "Have what is due in your own calendar program.",
    READERS,
)
ALL = (
    CASES,
    DEADLINES,
    WHAT_IF,
    RULES,
    REGIMES,
    CALENDARS,
    STATISTICS,
    FEEDS,
    REMINDERS,
    TRACES,
    HEALTH,
    PARKED,
    MAILS,
)


def places_for(principal: Principal | None) -> Iterable[Place]:
    """Where this person may go."""
    return [place for place in ALL if principal is not None and principal.has(*place.roles)]
