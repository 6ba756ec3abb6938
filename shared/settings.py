"""The environment variables every service reads; all start with `SCRUTINY_`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]

# Where containers find secrets: one file each, named like the variable it stands for, in small
# letters (`scrutiny_database_url`). A variable wins over a file.
SECRETS = Path("/run/secrets")


class ServiceSettings(BaseSettings):
    """One service's settings; a service's subclass fixes `service` and its default `http_port`.

    Secrets are `SecretStr`: printing or logging settings never shows them.
    """

    model_config = SettingsConfigDict(
        env_prefix="SCRUTINY_",
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    service: str
    embedded: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    shutdown_seconds: float = Field(default=20, gt=0)

    database_url: SecretStr
    field_keys: SecretStr | None = None
    files_url: str | None = None

    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_security_protocol: SecurityProtocol = "PLAINTEXT"
    kafka_sasl_mechanism: str | None = None
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ca_file: str | None = None

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=0, le=65535)
    max_body_bytes: int = Field(default=1_000_000, gt=0)
    max_file_bytes: int = Field(default=50_000_000, gt=0)

    oidc_issuer: str
    oidc_audience: str = "strategic-scrutiny"
    oidc_jwks: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_refresh_seconds: float = Field(default=60, ge=0)

    console_url: str = "http://127.0.0.1:8000"
    intake_url: str = "http://127.0.0.1:8001"
    deadlines_url: str = "http://127.0.0.1:8002"
    directory_url: str = "http://127.0.0.1:8003"
    inspections_url: str = "http://127.0.0.1:8004"

    traces_url: str | None = None
    # What the console's receiver asks for when services send from other machines.
    traces_token: SecretStr | None = None
