"""An issuer for tests: its keys, tokens for anybody, and settings that trust it."""

import atexit
import shutil
import time
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from shared.access.principal import Role
from shared.settings import ServiceSettings

ISSUER = "https://issuer.example.org"
AUDIENCE = "strategic-scrutiny"
KEY = ECKey.generate_key("P-256", {"kid": "test-key", "use": "sig"}, private=True)
FIELD_KEYS = "test:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

Settings = TypeVar("Settings", bound=ServiceSettings)


def mint(
    *roles: Role | str,
    areas: list[str] | str | None = None,
    subject: str = "person-1",
    key: Any = KEY,
    header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    """A token for somebody with `roles` in `areas`; `claims` replace or add, None takes away."""
    now = int(time.time())
    made = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "name": "Sample Person",
        "iat": now, "exp": now + 7200, "roles": [str(role) for role in roles], "areas": areas,
    } | claims  # fmt: skip
    told = {name: value for name, value in made.items() if value is not None}
    head = {"alg": "ES256", "kid": "test-key"} | (header or {})
    return jwt.encode(head, told, key, algorithms=[head["alg"]])


def auth(token: str) -> dict[str, str]:
    """The header that carries it."""
    return {"Authorization": f"Bearer {token}"}


def as_(*roles: Role | str, areas: list[str] | str | None = None, **claims: Any) -> dict[str, str]:
    """Request headers of somebody with `roles` in `areas`."""
    return auth(mint(*roles, areas=areas, **claims))


@cache
def jwks_file() -> Path:
    """The test issuer's public keys, as a file that goes away with the test run."""
    folder = Path(mkdtemp(prefix="scrutiny-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "jwks.json"
    path.write_bytes(msgspec.json.encode({"keys": [KEY.as_dict(private=False)]}))
    return path


def service_settings(kind: type[Settings], **given: Any) -> Settings:
    """Settings of a service that trusts the test issuer; `given` names what matters to the test."""
    trusted = {
        "oidc_issuer": ISSUER,
        "oidc_audience": AUDIENCE,
        "oidc_jwks": str(jwks_file()),
        "field_keys": FIELD_KEYS,
        "embedded": True,
    }
    return kind(**(trusted | given))
