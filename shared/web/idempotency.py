"""`Idempotency-Key`: the same request sent twice takes effect once and gets the same answer.

The first to claim a key holds its row until it commits; whoever sends the same key meanwhile
waits at that row, then gets the stored answer. A refused request rolls its claim back, so the
key may be used again. Answers are stored encrypted where the service has field keys, since an
answer may repeat what somebody sent.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa
from litestar import Request, Response
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.access.principal import Principal
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.errors import Conflict, FieldError, Invalid, Refused
from shared.writes import Insert, Row

EXPIRES_AFTER_HOURS = 72
LONGEST_KEY = 255
REPLAYED = "Idempotency-Replayed"


def idempotency_table(metadata: sa.MetaData) -> sa.Table:
    """Declare `idempotency_keys` on a service's metadata: one row a caller, route and key."""
    return sa.Table(
        "idempotency_keys",
        metadata,
        sa.Column("caller", sa.Text, primary_key=True),
        sa.Column("route", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        # Null only inside the transaction that is still working on the answer.
        sa.Column("status", sa.SmallInteger),
        sa.Column("headers", JSONB(none_as_null=True)),
        # Encrypted with the service's field keys where it has any.
        sa.Column("answer", sa.LargeBinary),
        sa.Index("idempotency_keys_created_at", "created_at"),
    )


class HasSession(Protocol):
    """Anything with an open session: a transaction of ours."""

    @property
    def session(self) -> AsyncSession: ...


class CanWriteOnce(HasSession, Protocol):
    """A transaction that can write everything in the end, together with the key."""

    async def commit_once(self, claim: Insert, row: Row) -> bool: ...

    async def rollback(self) -> None: ...


class Reused(Invalid):
    """The key was used before, for something else."""

    title = "This Idempotency-Key was used for another request"


_KEYS = idempotency_table(sa.MetaData())
_ROW = tuple(_KEYS.c[name] == sa.bindparam(f"_{name}") for name in ("caller", "route", "key"))
_ANSWERED = Insert(_KEYS)
_CLAIM = insert(_KEYS).on_conflict_do_nothing().returning(_KEYS.c.key)
_FOUND = sa.select(_KEYS).where(*_ROW)
_KEEP = (
    sa.update(_KEYS)
    .where(*_ROW)
    .values({name: sa.bindparam(f"_{name}") for name in ("status", "headers", "answer")})
)
_EXPIRE = sa.delete(_KEYS).where(_KEYS.c.created_at < sa.bindparam("before"))


async def once(
    tx: HasSession,
    request: Request[Principal, Any, Any],
    act: Callable[[], Awaitable[Any]],
    *,
    status: int = 201,
    headers: dict[str, str] | None = None,
    digest: bytes | None = None,
) -> Response[bytes]:
    """Do `act` in this transaction and answer its result; a repeated key gets the first answer.

    Without the header, or with a key not seen before, `act` is done. Same key, other body: 422.
    A route that read its body as a stream gives a `digest` of what it read.
    """
    key = _key(request)
    if key is None:
        return _response(msgspec.json.encode(await act()), status, headers)
    row = _row(request, key)
    digest = digest or sha256(await request.body()).digest()
    if not await _claimed(tx.session, row, digest):
        return await _replayed(tx.session, request, row, digest)
    answer = msgspec.json.encode(await act())
    sealed = _sealed(request, row, answer)
    kept = {"_status": status, "_headers": headers, "_answer": sealed}
    await tx.session.execute(_KEEP, row | kept)
    return _response(answer, status, headers)


async def written_once(
    tx: CanWriteOnce,
    request: Request[Principal, Any, Any],
    act: Callable[[], Awaitable[Any]],
    *,
    status: int = 201,
) -> Response[bytes]:
    """The same for an `act` that does nothing but write: key and effect are one statement.

    A repeat is decided anew, and its writes are left out; if it would be refused by now, the
    first answer stands all the same.
    """
    key = _key(request)
    if key is None:
        return _response(msgspec.json.encode(await act()), status, None)
    row, digest = _row(request, key), sha256(await request.body()).digest()
    try:
        answer = msgspec.json.encode(await act())
    except Refused:
        await tx.rollback()
        if await _found(tx.session, row) is None:
            raise
        return await _replayed(tx.session, request, row, digest)
    if await tx.commit_once(_ANSWERED, _kept(request, row, digest, status, answer)):
        return _response(answer, status, None)
    return await _replayed(tx.session, request, row, digest)


async def expire(session: AsyncSession, now: datetime) -> None:
    """Forget answers so old that nobody repeats their request any more."""
    await session.execute(_EXPIRE, {"before": now - timedelta(hours=EXPIRES_AFTER_HOURS)})


async def _claimed(session: AsyncSession, row: dict[str, str], digest: bytes) -> bool:
    return (await session.execute(_CLAIM, _claim(row, digest))).first() is not None


def _claim(row: dict[str, str], digest: bytes) -> dict[str, Any]:
    values = {name.lstrip("_"): value for name, value in row.items()}
    return values | {"request_hash": digest, "created_at": utc_now()}


def _kept(
    request: Request[Principal, Any, Any],
    row: dict[str, str],
    digest: bytes,
    status: int,
    answer: bytes,
) -> Row:
    kept = {"status": status, "headers": None, "answer": _sealed(request, row, answer)}
    return _claim(row, digest) | kept


async def _found(session: AsyncSession, row: dict[str, str]) -> Any:
    return (await session.execute(_FOUND, row)).first()


async def _replayed(
    session: AsyncSession, request: Request[Principal, Any, Any], row: dict[str, str], digest: bytes
) -> Response[bytes]:
    found = await _found(session, row)
    if found is None or found.status is None:
        raise Conflict("The same request is being worked on; repeat it shortly.")
    if found.request_hash != digest:
        raise Reused(FieldError("Idempotency-Key", "was used before with another body"))
    answer = _opened(request, row, found.answer)
    return _response(answer, found.status, (found.headers or {}) | {REPLAYED: "true"})


def _key(request: Request[Principal, Any, Any]) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable() or not key.isascii():
        rule = f"must be 1 to {LONGEST_KEY} printable ASCII characters"
        raise Invalid(FieldError("Idempotency-Key", rule))
    return key


def _row(request: Request[Principal, Any, Any], key: str) -> dict[str, str]:
    return {"_caller": request.user.subject, "_route": _route(request), "_key": key}


def _route(request: Request[Principal, Any, Any]) -> str:
    return f"{request.method} {request.scope['path']}"


def _response(answer: bytes, status: int, headers: dict[str, str] | None) -> Response[bytes]:
    return Response(answer, status_code=status, headers=headers, media_type="application/json")


def _sealed(request: Request[Principal, Any, Any], row: dict[str, str], answer: bytes) -> bytes:
    cipher: FieldCipher | None = request.app.state.field_cipher
    return answer if cipher is None else cipher.encrypt(answer, _context(row))


def _opened(request: Request[Principal, Any, Any], row: dict[str, str], answer: bytes) -> bytes:
    cipher: FieldCipher | None = request.app.state.field_cipher
    return answer if cipher is None else cipher.decrypt(answer, _context(row))


def _context(row: dict[str, str]) -> str:
    return f"idempotency_keys/{row['_caller']}/{row['_route']}/{row['_key']}"
