"""The issuer's public keys: fetched once, kept, asked for again when an unknown one turns up."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from shared.errors import Unavailable

FETCH_SECONDS = 5.0
# A key the issuer has withdrawn is trusted no longer than this.
KEEP_SECONDS = 600.0
# Nobody can get in while there are no keys at all, so that is tried again sooner.
FIRST_RETRY_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class KeySet:
    """Public keys by key id, from a file, an address, or the issuer's discovery document.

    Keys that could sign and check with one secret are never taken. When a fetch fails the keys
    we have keep working; without any, `Unavailable`: nobody gets in unchecked.
    """

    def __init__(self, issuer: str, source: str | None, *, refresh_seconds: float) -> None:
        self._fetch = _fetcher(issuer, source)
        self._refresh_seconds = refresh_seconds
        self._keys: dict[str, Key] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._lock = asyncio.Lock()
        self._background: asyncio.Task[None] | None = None
        self.generation = 0

    async def key(self, kid: str | None) -> Key | None:
        """The key of that id, or the only key when the token names none."""
        if not self._keys:
            await self._refresh(kid=None)
        elif self._old(self._fetched_at, KEEP_SECONDS) and not self._lock.locked():
            # Nobody waits for an issuer that may be slow while the keys we have still work.
            self._background = asyncio.create_task(self._refresh(kid=None))
        if kid is not None and kid not in self._keys:
            await self._refresh(kid=kid)
        if not self._keys:
            raise Unavailable("The keys that tokens are checked with cannot be read just now.")
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    async def ready(self) -> None:
        """Fetch the keys unless they are here; `Unavailable` when they cannot be had."""
        await self.key(None)

    async def _refresh(self, kid: str | None) -> None:
        async with self._lock:
            pause = self._refresh_seconds if self._keys else FIRST_RETRY_SECONDS
            if kid in self._keys or not self._old(self._tried_at, pause):
                return
            try:
                self._take(await self._fetch())
            except (OSError, httpx.HTTPError, msgspec.MsgspecError, JoseError, ValueError) as error:
                _log.warning("key set not fetched", error=type(error).__name__)
            finally:
                self._tried_at = monotonic()

    def _take(self, document: bytes) -> None:
        keys = {kid: key for kid, key in _public_keys(document) if kid}
        if not keys:
            raise ValueError("a key set without a usable key is a mistake, not a withdrawal")
        if _prints(keys) != _prints(self._keys):
            # Whoever remembers what an earlier set let in must ask again.
            self.generation += 1
        self._keys, self._fetched_at = keys, monotonic()

    @staticmethod
    def _old(since: float | None, seconds: float) -> bool:
        return since is None or monotonic() - since >= seconds


def _public_keys(document: bytes) -> list[tuple[str, Key]]:
    entries = msgspec.json.decode(document, type=dict[str, Any]).get("keys", [])
    wanted = [entry for entry in entries if _signs(entry)]
    return [(entry["kid"], import_key(entry)) for entry in wanted]


def _prints(keys: dict[str, Key]) -> dict[str, str]:
    return {kid: key.thumbprint() for kid, key in keys.items()}


def _signs(entry: dict[str, Any]) -> bool:
    types = {RSAKey.key_type, ECKey.key_type, OKPKey.key_type}
    return entry.get("kty") in types and entry.get("use", "sig") == "sig" and "kid" in entry


def _fetcher(issuer: str, source: str | None) -> Callable[[], Awaitable[bytes]]:
    if source is None:
        return lambda: _discovered(issuer)
    if source.startswith(("http://", "https://")):
        return lambda: _get(source)
    path = Path(urlsplit(source).path if source.startswith("file:") else source)
    return lambda: asyncio.to_thread(path.read_bytes)


async def _discovered(issuer: str) -> bytes:
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    document = msgspec.json.decode(await _get(address), type=dict[str, Any])
    if document.get("issuer") != issuer:
        raise ValueError("the discovery document is another issuer's")
    return await _get(str(document["jwks_uri"]))


async def _get(address: str) -> bytes:
    async with httpx.AsyncClient(timeout=FETCH_SECONDS) as client:
        return (await client.get(address)).raise_for_status().content
