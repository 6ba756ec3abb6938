"""The rules of signing in by the authorization-code flow with PKCE (RFC 7636, method S256)."""

import hashlib
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

LASTS_SECONDS = 600

_LOCAL_PATH = re.compile(r"/[A-Za-z0-9._~/?&=%+-]*")


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a browser carries, sealed, while its person is away at the issuer."""

    state: str
    nonce: str
    verifier: str
    back_to: str
    # Seconds since 1970: an attempt is good for `LASTS_SECONDS`.
    begun: float

    def answers(self, state: str, now: datetime) -> bool:
        """Whether `state` came back to this very attempt, and in time."""
        same = secrets.compare_digest(self.state.encode(), state.encode())
        return same and now.timestamp() - self.begun < LASTS_SECONDS


def new_sign_in(back_to: str, now: datetime) -> SignIn:
    """A fresh attempt; `back_to` is where the person wanted to go."""
    return SignIn(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        back_to=local_path(back_to),
        begun=now.timestamp(),
    )


def challenge(verifier: str) -> str:
    """What the issuer is shown first, so that only who made `verifier` can use the code."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def local_path(given: str) -> str:
    """`given` when it is a path on this site, else the start page: nobody is led elsewhere."""
    elsewhere = given.startswith("//") or not _LOCAL_PATH.fullmatch(given)
    return "/" if elsewhere else given
