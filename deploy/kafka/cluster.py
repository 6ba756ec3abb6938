"""How a command reaches a cluster: the services' own variables and secret files, read once more."""

import ssl
from pathlib import Path
from typing import Any

from aiokafka.helpers import create_ssl_context
from pydantic import BaseModel, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.settings import SECRETS, SecurityProtocol


class Partner(BaseModel, frozen=True):
    """What the bus must know of a partner in intake's list of them: its id."""

    id: str


class Cluster(BaseSettings):
    """The `SCRUTINY_KAFKA_…` settings as every service has them, and intake's partners."""

    model_config = SettingsConfigDict(
        env_prefix="SCRUTINY_",
        secrets_dir=SECRETS if SECRETS.is_dir() else None,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_security_protocol: SecurityProtocol = "PLAINTEXT"
    kafka_sasl_mechanism: str = "SCRAM-SHA-512"
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ca_file: Path | None = None
    partners: tuple[Partner, ...] = ()

    def security(self) -> dict[str, Any]:
        """The security arguments that every aiokafka client takes."""
        options: dict[str, Any] = {"security_protocol": self.kafka_security_protocol}
        if self.kafka_sasl_password:
            options |= {
                "sasl_mechanism": self.kafka_sasl_mechanism,
                "sasl_plain_username": self.kafka_sasl_username,
                "sasl_plain_password": self.kafka_sasl_password.get_secret_value(),
            }
        if self.kafka_security_protocol.endswith("SSL"):
            options["ssl_context"] = self._trust()
        return options

    def _trust(self) -> ssl.SSLContext:
        return create_ssl_context(cafile=self.kafka_ca_file and str(self.kafka_ca_file))
