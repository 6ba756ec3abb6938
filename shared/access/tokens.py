"""Bearer tokens: checked against the issuer's keys, or refused with a reason that can be read."""

import time
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jws import extract_compact

from shared.access.key_set import KeySet
from shared.access.principal import Principal, principal_of
from shared.errors import Unauthenticated
from shared.settings import ServiceSettings

# Asymmetric only: a public key can then never be passed off as a shared secret.
ALGORITHMS = ("RS256", "ES256", "Ed25519")
LONGEST_TOKEN = 8192
# How far the issuer's clock may run ahead of ours; expiry gets no such grace.
CLOCK_SKEW_SECONDS = 10.0
# A token that was good is not checked again for so long, so a withdrawn key counts after that.
REMEMBER_SECONDS = 60.0
REMEMBERED_TOKENS = 2000


class TokenVerifier:
    """Turns a bearer token into a principal."""

    def __init__(self, keys: KeySet, *, issuer: str, audience: str) -> None:
        self.keys = keys
        self._issuer = issuer
        self._audience = audience
        self._remembered: dict[str, tuple[Principal, float, int]] = {}

    async def principal(self, token: str) -> Principal:
        """The caller this token speaks for; `Unauthenticated` says why it is not believed."""
        found = self._remembered.get(token)
        if found and time.time() < found[1] and found[2] == self.keys.generation:
            return found[0]
        claims = await self._claims(token)
        principal = principal_of(claims)
        self._remember(token, principal, float(claims["exp"]))
        return principal

    async def _claims(self, token: str) -> dict[str, Any]:
        header = _header(token)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise Unauthenticated("The token is signed in a way that is not accepted here.")
        kid = header.get("kid")
        key = await self.keys.key(kid if isinstance(kid, str) else None)
        if key is None:
            raise Unauthenticated("The token is signed with a key its issuer does not list.")
        try:
            claims = jwt.decode(token, key, algorithms=[algorithm]).claims
        except BadSignatureError as error:
            raise Unauthenticated("The token's signature does not match.") from error
        except (JoseError, ValueError, TypeError) as error:
            raise Unauthenticated("The token cannot be read.") from error
        self._check(claims, time.time())
        return claims

    def _check(self, claims: dict[str, Any], now: float) -> None:
        if claims.get("iss") != self._issuer:
            raise Unauthenticated("The token comes from another issuer.")
        audience = claims.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise Unauthenticated("The token was made for somebody else (its audience).")
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise Unauthenticated("The token does not say whom it speaks for.")
        _check_times(claims, now)

    def _remember(self, token: str, principal: Principal, expires: float) -> None:
        if len(self._remembered) >= REMEMBERED_TOKENS:
            self._remembered.clear()
        until = min(expires, time.time() + REMEMBER_SECONDS)
        self._remembered[token] = (principal, until, self.keys.generation)


def token_verifier(settings: ServiceSettings) -> TokenVerifier:
    """The verifier a service's settings describe."""
    keys = KeySet(
        settings.oidc_issuer, settings.oidc_jwks, refresh_seconds=settings.oidc_refresh_seconds
    )
    return TokenVerifier(keys, issuer=settings.oidc_issuer, audience=settings.oidc_audience)


def _header(token: str) -> dict[str, Any]:
    if len(token) > LONGEST_TOKEN:
        raise Unauthenticated("The token is too long.")
    try:
        return dict(extract_compact(token.encode("ascii")).headers())
    except (JoseError, ValueError, TypeError) as error:
        raise Unauthenticated("The token cannot be read.") from error


def _check_times(claims: dict[str, Any], now: float) -> None:
    if now >= _instant(claims, "exp"):
        raise Unauthenticated("The token has expired.")
    for name in ("nbf", "iat"):
        if name in claims and now + CLOCK_SKEW_SECONDS < _instant(claims, name):
            raise Unauthenticated("The token is not valid yet.")


def _instant(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unauthenticated(f"The token's {name} is missing or is not a time.")
    return value
