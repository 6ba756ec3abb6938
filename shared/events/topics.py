"""The map of the system: which event travels on which topic, from whom, to whom."""

from dataclasses import dataclass
from datetime import timedelta

from shared.events import deadlines, directory, inspections, intake, partners
from shared.events.envelope import Event

# What every topic takes at most: the largest body that HTTP takes, with room for its headers. It is
# brokers' own default as well.
MAX_MESSAGE_BYTES = 1_048_588


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic. `personal` topics alone may carry personal data, and are short-lived."""

    name: str
    producer: str
    consumers: tuple[str, ...]
    events: tuple[type[Event], ...]
    partitions: int = 6
    retention: timedelta = timedelta(days=30)
    personal: bool = False


INTAKE = Topic(
    name="intake.notifications.v1",
    producer="intake",
    consumers=("deadlines",),
    events=(
        intake.NotificationReceived,
        intake.ReportSubmitted,
        intake.AddendumAdded,
        intake.DecisionRecorded,
        intake.SubmissionReviewed,
        intake.DateCorrected,
        intake.ReviewRatified,
        intake.NotificationWithdrawn,
        intake.CaseClosed,
        intake.CaseReopened,
    ),
)
DEADLINES = Topic(
    name="deadlines.clocks.v1",
    producer="deadlines",
    consumers=("intake",),
    events=(
        deadlines.ClockStarted,
        deadlines.ClockDueSoon,
        deadlines.ClockOverdue,
        deadlines.ClockMet,
        deadlines.ClockCancelled,
        deadlines.ClockReopened,
        deadlines.PersonTold,
        deadlines.ClockRecomputed,
        deadlines.ClockExtended,
        deadlines.ClockPaused,
        deadlines.ClockResumed,
        deadlines.ActWithdrawn,
        deadlines.CaseRebased,
        deadlines.RegimeDeclared,
        deadlines.RegimeEnded,
        deadlines.RegimeWithdrawn,
    ),
)
DIRECTORY = Topic(
    name="directory.appointments.v1",
    producer="directory",
    consumers=("inspections",),
    events=(directory.AppointmentMade, directory.AppointmentEnded),
)
INSPECTIONS = Topic(
    name="inspections.inspections.v1",
    producer="inspections",
    consumers=(),
    events=(
        inspections.InspectionPlanned,
        inspections.InspectionChanged,
        inspections.InspectionCancelled,
    ),
)
INTERNAL = (INTAKE, DEADLINES, DIRECTORY, INSPECTIONS)

PARTNER_RETENTION = timedelta(days=7)


def partner_inbound(partner: str) -> Topic:
    """Where one partner publishes; the topic, never the payload, says who sent a message."""
    return Topic(
        name=f"partner.{partner}.notifications.v1",
        producer=f"partner:{partner}",
        consumers=("intake",),
        events=(),
        partitions=2,
        retention=PARTNER_RETENTION,
        personal=True,
    )


def partner_receipts(partner: str) -> Topic:
    """Where intake answers every inbound message of one partner once."""
    return Topic(
        name=f"partner.{partner}.receipts.v1",
        producer="intake",
        consumers=(f"partner:{partner}",),
        events=(partners.NotificationAccepted, partners.NotificationRefused),
        partitions=2,
        retention=PARTNER_RETENTION,
        personal=True,
    )


def all_topics(partner_ids: tuple[str, ...]) -> tuple[Topic, ...]:
    """Every topic of a system with these partners."""
    inbound = tuple(partner_inbound(partner) for partner in partner_ids)
    receipts = tuple(partner_receipts(partner) for partner in partner_ids)
    return INTERNAL + inbound + receipts


TOPIC_OF_EVENT = {event: topic for topic in INTERNAL for event in topic.events}
EVENT_OF_TYPE: dict[str, type[Event]] = {event.TYPE: event for event in TOPIC_OF_EVENT}
