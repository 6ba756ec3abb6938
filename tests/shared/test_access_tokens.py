"""A token is believed only when everything about it is right, and its refusal says what is not."""

import asyncio
import hmac
import time
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import msgspec
import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from shared.access import key_set
from shared.access.key_set import KeySet
from shared.access.principal import Role
from shared.access.tokens import TokenVerifier, token_verifier
from shared.errors import Unauthenticated, Unavailable
from shared.settings import ServiceSettings
from tests.access_kit import AUDIENCE, ISSUER, KEY, mint, service_settings

STRANGER = ECKey.generate_key("P-256", {"kid": "test-key"}, private=True)


@pytest.fixture
def verifier() -> TokenVerifier:
    return token_verifier(
        service_settings(ServiceSettings, service="test", database_url="postgresql://x/x")
    )


def unsigned(**claims: Any) -> str:
    parts = [{"alg": "none", "typ": "JWT"}, {"iss": ISSUER, "aud": AUDIENCE, "sub": "x"} | claims]
    return ".".join([*(encoded(msgspec.json.encode(part)) for part in parts), ""])


def signed_with_public_key() -> str:
    """The classic forgery: the public key, which everybody has, used as a shared secret."""
    head, claims, _ = mint(Role.OPERATOR).split(".")
    head = encoded(msgspec.json.encode({"alg": "HS256", "kid": "test-key"}))
    tag = hmac.digest(KEY.as_pem(private=False), f"{head}.{claims}".encode(), "sha256")
    return f"{head}.{claims}.{encoded(tag)}"


def encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


async def test_a_good_token_becomes_a_principal(verifier: TokenVerifier) -> None:
    token = mint(Role.NOTIFIER, areas=["S12000047"], subject="p7", organisation="Fife Council")
    principal = await verifier.principal(token)
    assert principal.subject == "p7"
    assert principal.roles == {Role.NOTIFIER}
    assert principal.areas == {"S12000047"}
    assert principal.organisation == "Fife Council"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (lambda: unsigned(exp=time.time() + 60), "signed in a way that is not accepted"),
        (signed_with_public_key, "signed in a way that is not accepted"),
        (lambda: mint(Role.AUDITOR, key=STRANGER), "signature does not match"),
        (lambda: mint(Role.AUDITOR, header={"kid": "another"}), "a key its issuer does not list"),
        (lambda: mint(Role.AUDITOR, iss="https://elsewhere.example.org"), "another issuer"),
        (lambda: mint(Role.AUDITOR, iss=None), "another issuer"),
        (lambda: mint(Role.AUDITOR, aud="another-system"), "audience"),
        (lambda: mint(Role.AUDITOR, aud=["a", "b"]), "audience"),
        (lambda: mint(Role.AUDITOR, aud=None), "audience"),
        (lambda: mint(Role.AUDITOR, exp=int(time.time()) - 1), "expired"),
        (lambda: mint(Role.AUDITOR, exp=None), "exp is missing"),
        (lambda: mint(Role.AUDITOR, exp="soon"), "exp is missing or is not a time"),
        (lambda: mint(Role.AUDITOR, nbf=int(time.time()) + 60), "not valid yet"),
        (lambda: mint(Role.AUDITOR, iat=int(time.time()) + 60), "not valid yet"),
        (lambda: mint(Role.AUDITOR, sub=""), "whom it speaks for"),
        (lambda: mint(Role.AUDITOR, sub=None), "whom it speaks for"),
        (lambda: "garbage", "cannot be read"),
        (lambda: "a.b.c", "cannot be read"),
        (lambda: "é.ü.ß", "cannot be read"),
        (lambda: mint(Role.AUDITOR)[:-8], "signature does not match"),
        (lambda: "x" * 10_000, "too long"),
    ],
)
async def test_a_bad_token_is_refused_with_its_reason(
    verifier: TokenVerifier, token: Any, reason: str
) -> None:
    with pytest.raises(Unauthenticated, match=reason):
        await verifier.principal(token())


async def test_an_audience_may_be_one_of_several(verifier: TokenVerifier) -> None:
    assert await verifier.principal(mint(Role.AUDITOR, aud=["other", AUDIENCE]))


async def test_unknown_roles_give_no_rights(verifier: TokenVerifier) -> None:
    assert (await verifier.principal(mint("emperor", "auditor"))).roles == {Role.AUDITOR}


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (RSAKey.generate_key(2048, {"kid": "new"}), "RS256"),
        (OKPKey.generate_key("Ed25519", {"kid": "new"}), "Ed25519"),
        (ECKey.generate_key("P-256", {"kid": "new"}), "ES256"),
    ],
)
async def test_a_rotated_key_is_found_without_a_restart(
    tmp_path: Path, key: Any, algorithm: str
) -> None:
    path, verifier = tmp_path / "jwks.json", verifier_of(tmp_path / "jwks.json")
    publish(path, KEY)
    await verifier.principal(mint(Role.AUDITOR))
    publish(path, KEY, key)
    token = mint(Role.AUDITOR, key=key, header={"kid": "new", "alg": algorithm})
    assert await verifier.principal(token)


async def test_a_withdrawn_key_is_trusted_no_longer(tmp_path: Path) -> None:
    path, verifier = tmp_path / "jwks.json", verifier_of(tmp_path / "jwks.json")
    publish(path, KEY)
    token = mint(Role.AUDITOR)
    await verifier.principal(token)
    publish(path, STRANGER)
    with pytest.raises(Unauthenticated):
        await verifier.principal(mint(Role.AUDITOR, header={"kid": "makes it look"}))
    with pytest.raises(Unauthenticated):
        await verifier.principal(token)


async def test_unknown_keys_do_not_make_it_fetch_all_the_time(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    publish(path, KEY)
    keys = KeySet(ISSUER, str(path), refresh_seconds=60)
    assert await keys.key("test-key")
    path.unlink()
    for number in range(5):
        assert await keys.key(f"unknown-{number}") is None
    assert await keys.key("test-key")


async def test_nobody_waits_for_an_issuer_that_hangs_while_keys_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = msgspec.json.encode({"keys": [KEY.as_dict(private=False)]})
    asked: list[None] = []

    async def answer_once(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(None)
        if len(asked) == 1:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        else:
            await asyncio.sleep(0.5)
        writer.close()

    async with await asyncio.start_server(answer_once, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        keys = KeySet(ISSUER, f"http://127.0.0.1:{port}/jwks", refresh_seconds=0)
        await keys.ready()
        monkeypatch.setattr(key_set, "KEEP_SECONDS", 0.0)
        async with asyncio.timeout(0.3):
            for _ in range(3):
                assert await keys.key("test-key")
                await asyncio.sleep(0.05)
        assert len(asked) == 2
        await asyncio.sleep(0.6)
        monkeypatch.setattr(key_set, "KEEP_SECONDS", 600.0)
        assert await keys.key("test-key")


async def test_without_any_keys_nobody_gets_in(tmp_path: Path) -> None:
    verifier = verifier_of(tmp_path / "missing.json")
    with pytest.raises(Unavailable):
        await verifier.principal(mint(Role.AUDITOR))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"keys": [{"kty": "RSA", "kid": "x"}]}'])
async def test_a_damaged_key_set_lets_nobody_in(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "jwks.json"
    path.write_bytes(content)
    with pytest.raises(Unavailable):
        await verifier_of(path).principal(mint(Role.AUDITOR))


async def test_shared_secrets_in_a_key_set_are_never_taken(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    secret = OctKey.generate_key(256, {"kid": "secret"})
    path.write_bytes(msgspec.json.encode({"keys": [secret.as_dict(private=True)]}))
    with pytest.raises(Unavailable):
        await KeySet(ISSUER, str(path), refresh_seconds=0).key("secret")


def verifier_of(path: Path) -> TokenVerifier:
    return TokenVerifier(
        KeySet(ISSUER, str(path), refresh_seconds=0), issuer=ISSUER, audience=AUDIENCE
    )


def publish(path: Path, *keys: Any) -> None:
    path.write_bytes(msgspec.json.encode({"keys": [key.as_dict(private=False) for key in keys]}))
