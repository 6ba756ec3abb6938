"""How somebody is told of deadlines: a mail each, or one a day; kept by deadlines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.console.apis import Apis
from services.console.domain.own_posts import link_inspectors, own_load
from shared.errors import FieldError, Invalid

DELIVERIES = ("each", "daily")


@dataclass(frozen=True, slots=True)
class MailChoice:
    """One person's choice; a change of it names `tag`."""

    person: str
    name: str
    delivery: str
    tag: str


async def link_inspectors_on(apis: Apis, token: str, on: str) -> Sequence[Mapping[str, Any]]:
    """Everybody who is written to by name on that day."""
    coverage = await apis.get("directory", "/coverage", token, {"on": on})
    return link_inspectors(coverage["loads"])


def own_id(known: Sequence[Mapping[str, Any]], subject: str) -> str | None:
    """The directory's id of the person who is looking, if they are among them."""
    own = own_load(known, subject)
    return own["person"] if own else None


async def show_choice(apis: Apis, token: str, person: str) -> MailChoice:
    """The choice of one person; `NotFound` where it is not the caller's to see."""
    address = quote(person, safe="")
    chosen = await apis.get_tagged("deadlines", f"/mail-choices/{address}", token)
    known = await apis.get("directory", f"/people/{address}", token)
    return MailChoice(person, known["name"], chosen.body["delivery"], chosen.tag)


async def choose_mail(apis: Apis, token: str, person: str, form: Mapping[str, str]) -> None:
    """It holds for everything that is sent from then on."""
    delivery = form.get("delivery", "")
    if delivery not in DELIVERIES:
        raise Invalid(FieldError("delivery", "Choose how the mails are to come."))
    path = f"/mail-choices/{quote(person, safe='')}"
    await apis.put("deadlines", path, token, {"delivery": delivery}, form.get("tag", ""))
