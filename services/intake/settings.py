"""The environment variables intake reads, beside those every service reads."""

from pydantic import BaseModel

from shared.settings import ServiceSettings


class Partner(BaseModel, frozen=True):
    """A partner's system: its topics carry `id`; it may notify for `areas` only."""

    id: str
    organisation: str
    areas: tuple[str, ...]


class Settings(ServiceSettings):
    """`SCRUTINY_PARTNERS` is a JSON list of partners, none by default."""

    service: str = "intake"
    http_port: int = 8001
    partners: tuple[Partner, ...] = ()
