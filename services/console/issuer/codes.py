"""Authorization codes: good for one use, within a minute, by whoever asked for them."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.console.domain.sign_in import challenge

LIFETIME = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person agreed to: which client may know them, and how it proves itself."""

    person: str
    client: str
    redirect_uri: str
    challenge: str
    nonce: str
    until: datetime


@dataclass(slots=True)
class Codes:
    """Kept in memory: the issuer is one process and a code lives for a minute."""

    _grants: dict[str, Grant] = field(default_factory=dict)

    def give(self, grant: Grant) -> str:
        """A new code for a grant; forgets those that nobody came for."""
        self._grants = {
            code: one for code, one in self._grants.items() if one.until > _since(grant)
        }
        code = secrets.token_urlsafe(32)
        self._grants[code] = grant
        return code

    def take(
        self, code: str, *, client: str, redirect_uri: str, verifier: str, now: datetime
    ) -> Grant | None:
        """The grant, if everything about it fits; the code is spent whether it does or not."""
        grant = self._grants.pop(code, None)
        if grant is None or grant.until <= now:
            return None
        fits = (grant.client, grant.redirect_uri) == (client, redirect_uri)
        return grant if fits and _same(grant.challenge, challenge(verifier)) else None


def _since(grant: Grant) -> datetime:
    return grant.until - LIFETIME


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())
