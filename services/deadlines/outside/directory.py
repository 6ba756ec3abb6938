"""Who is link inspector of an area on a day: directory knows, and is asked each time."""

from collections.abc import Callable
from datetime import date
from urllib.parse import quote

import httpx
import msgspec

from shared.errors import Unavailable

# There is nobody of that id, or nobody could be.
_NOBODY = (httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY)


class LinkInspector(msgspec.Struct, frozen=True):
    """The directory's id of a person, and where to write to them."""

    person: str
    mailbox: str


class _AreaOnDay(msgspec.Struct, frozen=True):
    link_inspector: LinkInspector | None = None


class _Person(msgspec.Struct, frozen=True):
    mailbox: str


class Directory:
    """The directory service, asked as this service."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def link_inspector(self, area: str, on: date) -> LinkInspector | None:
        """None where nobody is appointed; `Unavailable` when directory gives no answer."""
        try:
            answer = await self._client.get(f"/areas/{area}", params={"on": on.isoformat()})
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            body = answer.raise_for_status().content
            return msgspec.json.decode(body, type=_AreaOnDay).link_inspector
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise Unavailable("The directory gave no answer.") from error

    async def mailbox(self, person: str) -> str | None:
        """Where to write to somebody; None for nobody we know."""
        try:
            answer = await self._client.get(f"/people/{quote(person, safe='')}")
            if answer.status_code in _NOBODY:
                return None
            return msgspec.json.decode(answer.raise_for_status().content, type=_Person).mailbox
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise Unavailable("The directory gave no answer.") from error

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


class DirectoryOnDemand:
    """Made when it is first asked for: a process that never asks needs no account to ask with."""

    def __init__(self, client: Callable[[], httpx.AsyncClient]) -> None:
        self._client = client
        self._made: Directory | None = None

    def get(self) -> Directory:
        """The one of this process."""
        if self._made is None:
            self._made = Directory(self._client())
        return self._made

    async def close(self) -> None:
        """Close it, if it was ever made."""
        if self._made is not None:
            await self._made.close()
