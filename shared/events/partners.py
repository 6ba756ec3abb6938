"""What travels between a partner's own system and intake, on that partner's two topics.

The inbound body is the body of `POST /notifications`, validated by intake and not here: what a
partner sends is never trusted to have a shape.
"""

from typing import ClassVar

import msgspec

from shared.events.envelope import Event, Instant

NOTIFICATION_SUBMITTED = "scot.scrutiny.notification.submitted.v1"


class ProblemField(msgspec.Struct, frozen=True, kw_only=True):
    """One field of the message that broke one rule."""

    field: str
    rule: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457 problem details, as the same refusal over HTTP would carry."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ProblemField] = []


class NotificationAccepted(Event, frozen=True, kw_only=True):
    """The partner's message became a notification."""

    TYPE: ClassVar[str] = "scot.scrutiny.notification.accepted.v1"
    in_reply_to: str
    reference: str
    received_at: Instant


class NotificationRefused(Event, frozen=True, kw_only=True):
    """The partner's message was refused, with the reasons by field."""

    TYPE: ClassVar[str] = "scot.scrutiny.notification.refused.v1"
    in_reply_to: str
    problem: Problem
