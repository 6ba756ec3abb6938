"""The environment variables the console reads, beside those of every service."""

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """All start with `SCRUTINY_`; ages are in the unit their name says."""

    service: str = "console"
    http_port: int = Field(default=8000, ge=0, le=65535)
    oidc_client_id: str | None = "console"
    session_hours: float = Field(default=8, gt=0)

    # Where the embedded stack writes its mails; without it there is no page of mails.
    mail_folder: str | None = None

    # What programs show to send spans from elsewhere; without it only this machine may send.
    traces_token: SecretStr | None = None
    traces_keep_days: float = Field(default=7, gt=0)
    traces_keep_spans: int = Field(default=1_000_000, gt=0)

    # The development issuer, in the embedded stack only: a private JWK set, and the services
    # that may ask for tokens, as in `intake:secret,deadlines:secret`.
    issuer_keys: str | None = None
    issuer_clients: SecretStr | None = None
    issuer_token_seconds: int = Field(default=3600, gt=0)
