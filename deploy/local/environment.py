"""The environment variables that each service process of the local system gets."""

import json
import os

from deploy.local.addresses import SAMPLE_PARTNERS, SERVICES, Ports
from deploy.local.home import Home
from deploy.local.keys import secret_of
from deploy.local.tokens import AUDIENCE

SHUTDOWN_SECONDS = 4


def service_environment(
    home: Home, ports: Ports, service: str, *, database_url: str, bus: str
) -> dict[str, str]:
    """Everything one service needs to know; variables already set outside win, but for these."""
    ours = {
        "EMBEDDED": "true",
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP": bus,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(ports.of(service)),
        "OIDC_ISSUER": ports.issuer,
        "OIDC_AUDIENCE": AUDIENCE,
        "OIDC_JWKS": str(home.keys / "jwks.json"),
        "OIDC_CLIENT_ID": service,
        "OIDC_CLIENT_SECRET": secret_of(home, "clients", service),
        "FIELD_KEYS": secret_of(home, "field-keys", service),
        "FILES_URL": f"file://{home.files / service}",
        "MAIL_URL": f"folder://{home.mails}",
        "PARTNERS": json.dumps(SAMPLE_PARTNERS),
        "TRACES_URL": f"{ports.url('console')}/v1/traces",
        "SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS),
        **{f"{name.upper()}_URL": ports.url(name) for name in SERVICES},
    }
    if service == "console":
        ours |= _issuer(home)
    named = {f"SCRUTINY_{name}": value for name, value in ours.items()}
    return {**os.environ, "PYTHONUNBUFFERED": "1", **named}


def _issuer(home: Home) -> dict[str, str]:
    """Only the console may sign: it carries the development issuer."""
    clients = [f"{name}:{secret_of(home, 'clients', name)}" for name in SERVICES]
    return {
        "ISSUER_KEYS": str(home.keys / "issuer.json"),
        "ISSUER_CLIENTS": ",".join(clients),
        "MAIL_FOLDER": str(home.mails),
    }


def database_name(service: str) -> str:
    """The database of one service, and the role that owns it."""
    return f"scrutiny_{service}"
