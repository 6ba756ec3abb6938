"""Who the issuer is: its name, its keys, the clients it knows, and the tokens it signs."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from services.console.issuer.people import SamplePerson
from services.console.settings import Settings
from shared.access.principal import Role

SERVICE_TOKEN_SECONDS = 600
_ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}


class IssuerRefused(RuntimeError):
    """The development issuer does not exist outside the embedded stack on one machine."""


@dataclass(frozen=True)
class Issuer:
    """Signs tokens with the first of its keys and publishes the public half of all."""

    name: str
    audience: str
    keys: tuple[Key, ...]
    clients: Mapping[str, str]
    redirect_uri: str
    token_seconds: int

    @classmethod
    def of(cls, settings: Settings) -> "Issuer | None":
        """The issuer these settings ask for; `IssuerRefused` wherever it must not be."""
        if settings.issuer_keys is None:
            return None
        _refuse_elsewhere(settings)
        return cls(
            name=settings.oidc_issuer,
            audience=settings.oidc_audience,
            keys=_read_keys(Path(settings.issuer_keys)),
            clients=_read_clients(settings),
            redirect_uri=f"{settings.console_url.rstrip('/')}/sign-in/callback",
            token_seconds=settings.issuer_token_seconds,
        )

    def public_keys(self) -> dict[str, Any]:
        """The key set that tokens are checked with."""
        return {"keys": [{"use": "sig"} | key.as_dict(private=False) for key in self.keys]}

    def is_client(self, client: str, secret: str) -> bool:
        """Whether `secret` is that client's."""
        known = self.clients.get(client)
        return known is not None and secrets.compare_digest(known.encode(), secret.encode())

    def person_token(self, person: SamplePerson, now: datetime) -> str:
        """What a sample person shows to the services."""
        areas = person.areas if isinstance(person.areas, str) else list(person.areas)
        told = {"roles": [person.role.value], "areas": areas, "organisation": person.organisation}
        return self._sign({"sub": person.id, "name": person.name} | told, now, self.token_seconds)

    def id_token(self, person: SamplePerson, client: str, nonce: str, now: datetime) -> str:
        """What tells a client who has signed in; it opens nothing."""
        told = {"sub": person.id, "name": person.name, "aud": client, "nonce": nonce}
        return self._sign(told, now, self.token_seconds)

    def service_token(self, client: str, now: datetime) -> str:
        """What one service shows to another."""
        told = {"sub": f"service:{client}", "name": client, "roles": [Role.SERVICE.value]}
        return self._sign(told | {"areas": "*"}, now, SERVICE_TOKEN_SECONDS)

    def _sign(self, told: dict[str, Any], now: datetime, seconds: int) -> str:
        key, at = self.keys[0], int(now.timestamp())
        always = {"iss": self.name, "aud": self.audience, "iat": at, "exp": at + seconds}
        header = {"alg": _ALGORITHMS[key.key_type], "kid": key.kid}
        return jwt.encode(header, always | {"jti": secrets.token_hex(8)} | told, key)


def _refuse_elsewhere(settings: Settings) -> None:
    if not settings.embedded:
        raise IssuerRefused(
            "SCRUTINY_ISSUER_KEYS is set, but this is not the embedded stack: use a real identity "
            "provider (SCRUTINY_OIDC_ISSUER) and take SCRUTINY_ISSUER_KEYS away."
        )
    if not _is_loopback(settings.http_host):
        raise IssuerRefused(
            f"The development issuer answers on this machine only, and SCRUTINY_HTTP_HOST is "
            f"{settings.http_host}: use 127.0.0.1, or a real identity provider."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read_keys(path: Path) -> tuple[Key, ...]:
    entries = msgspec.json.decode(path.read_bytes(), type=dict[str, Any]).get("keys", [])
    keys = tuple(import_key(entry) for entry in entries)
    signing = [key for key in keys if isinstance(key, RSAKey | ECKey | OKPKey) and key.is_private]
    if not keys or len(signing) != len(keys):
        raise IssuerRefused(f"{path} holds no private signing keys.")
    return keys


def _read_clients(settings: Settings) -> dict[str, str]:
    given = settings.issuer_clients.get_secret_value() if settings.issuer_clients else ""
    pairs = [entry.strip().partition(":") for entry in given.split(",") if entry.strip()]
    return {name: secret for name, _, secret in pairs if secret}
