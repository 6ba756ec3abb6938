"""Mail by GOV.UK Notify: its template holds ((subject)) and ((body)), and nothing else of ours.

Notify answers 201 once it has taken a mail over and sends it from then on. It does not know two
requests for one, so a mail that may have been taken over before is asked for by our reference.
"""

from email.message import EmailMessage
from urllib.parse import SplitResult

import httpx
import msgspec
from joserfc import jwt
from joserfc.jwk import OctKey

from shared.clock import Clock, utc_now

SEND_SECONDS = 10.0
# A key is its name, the service's id and the secret, with hyphens between; ids are UUIDs.
_UUID = 36


class NotifyRefused(Exception):
    """Notify did not take a mail over; said with its own code, never with what we sent."""


class GovUkNotify:
    """`notify://KEY@api.notifications.service.gov.uk/TEMPLATE`; `notify+http` for a test's own."""

    def __init__(self, url: SplitResult, clock: Clock = utc_now) -> None:
        key, template = url.username or "", url.path.strip("/")
        if len(key) < 2 * _UUID + 1 or not template:
            raise ValueError("SCRUTINY_MAIL_URL must be notify://KEY@HOST/TEMPLATE for Notify")
        self._service, self._secret = key[-2 * _UUID - 1 : -_UUID - 1], key[-_UUID:]
        self._template = template
        scheme = "http" if url.scheme == "notify+http" else "https"
        self._base = f"{scheme}://{url.netloc.rpartition('@')[2]}"
        self._clock = clock

    async def send(self, message: EmailMessage, *, again: bool = False) -> None:
        """Returns when Notify has taken the mail over, now or before; raises otherwise."""
        async with httpx.AsyncClient(base_url=self._base, timeout=SEND_SECONDS) as client:
            if not (again and await self._has(client, _reference(message))):
                await self._post(client, message)

    async def _post(self, client: httpx.AsyncClient, message: EmailMessage) -> None:
        wanted = {
            "email_address": message["To"],
            "template_id": self._template,
            "personalisation": {"subject": message["Subject"], "body": message.get_content()},
            "reference": _reference(message),
        }
        answer = await client.post("/v2/notifications/email", json=wanted, headers=self._signed())
        _expect(answer, httpx.codes.CREATED)

    async def _has(self, client: httpx.AsyncClient, reference: str) -> bool:
        asked = {"reference": reference, "template_type": "email"}
        answer = await client.get("/v2/notifications", params=asked, headers=self._signed())
        _expect(answer, httpx.codes.OK)
        return bool(msgspec.json.decode(answer.content, type=_Known).notifications)

    def _signed(self) -> dict[str, str]:
        """A token of this moment: Notify takes none that is half a minute old."""
        claims = {"iss": self._service, "iat": int(self._clock().timestamp())}
        key = OctKey.import_key(self._secret)
        token = jwt.encode({"typ": "JWT", "alg": "HS256"}, claims, key)
        return {"Authorization": f"Bearer {token}"}


class _Known(msgspec.Struct):
    notifications: list[msgspec.Raw]


class _Problem(msgspec.Struct):
    error: str


class _Refusal(msgspec.Struct):
    errors: list[_Problem]


def _reference(message: EmailMessage) -> str:
    return str(message["Message-ID"]).strip("<>")


def _expect(answer: httpx.Response, code: int) -> None:
    if answer.status_code != code:
        raise NotifyRefused(f"{answer.status_code} {_name(answer.content)}")


def _name(body: bytes) -> str:
    """The name of the error, such as `RateLimitError`; its message might repeat an address."""
    try:
        return ", ".join(one.error for one in msgspec.json.decode(body, type=_Refusal).errors)
    except msgspec.MsgspecError:
        return "without a reason"
