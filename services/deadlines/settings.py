"""The environment variables that deadlines reads: those of every service, and these."""

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Deadlines listens on 8002 unless told otherwise."""

    service: str = "deadlines"
    http_port: int = 8002
    # Where mail goes: folder:///path, smtp://host:port, smtps://user:password@host:port or
    # notify://KEY@api.notifications.service.gov.uk/TEMPLATE.
    mail_url: SecretStr | None = None
    mail_from: str = "strategic.scrutiny@example.org"
    # Written to where nobody is link inspector of an area on the day.
    support_mailbox: str = "strategic.support@example.org"
    # Written to by the last rungs of the ladders of reminders.
    chief_mailbox: str = "chief.inspector@example.org"
    # The local hour at which daily digests go out.
    digest_hour: int = Field(default=8, ge=0, le=23)
    # A reminder is at most this many seconds late, and never early.
    sweep_seconds: float = Field(default=1.0, gt=0)
    mail_seconds: float = Field(default=1.0, gt=0)
