"""Who did something, in words: accounts are recorded, and the directory knows whose they are."""

from collections.abc import Iterable, Mapping

from services.console.apis import Apis
from services.console.use_cases.follow_case import items
from shared.errors import NotAllowed, Unavailable

# Far more than pages hold: no address of a question is too long.
MOST = 100
# What came with the system is recorded as made by nobody's account.
NO_ACCOUNTS = frozenset({"seed"})


async def names_of(apis: Apis, token: str, subjects: Iterable[str | None]) -> Mapping[str, str]:
    """Names by subject, asked for all at once; none for who may not ask, or where nobody answers.

    Where there is no name, a page shows the account, or says nothing of who it was.
    """
    accounts = sorted({one for one in subjects if one} - NO_ACCOUNTS)[:MOST]
    if not accounts:
        return {}
    asked = [("limit", str(MOST)), *(("signs_in_as", one) for one in accounts)]
    try:
        found = await apis.get("directory", "/people", token, asked)
    except (Unavailable, NotAllowed):
        return {}
    return {one["signs_in_as"]: one["name"] for one in items(found)}
