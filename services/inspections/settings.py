"""The environment variables that inspections reads: those of every service, and no others."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Inspections listens on 8004 unless told otherwise."""

    service: str = "inspections"
    http_port: int = 8004
