"""The environment variables that directory reads: those of every service, and no others."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Directory listens on 8003 unless told otherwise."""

    service: str = "directory"
    http_port: int = 8003
