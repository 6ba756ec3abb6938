"""Who did something, in words: accounts are recorded, and the directory knows whose they are."""

from collections.abc import Iterable, Mapping

from services.console.apis import Apis
from services.console.use_cases.follow_case import items
from shared.errors import NotAllowed, Unavailable

# Pages hold far fewer people; it keeps the address of the question short.
MOST = 100
# What came with the system is recorded as made by nobody's account.
NO_ACCOUNTS = frozenset({"seed"})


async def names_of(apis: Apis, token: str, subjects: Iterable[str | None]) -> Mapping[str, str]:
    """Names by subject, asked for all at once; none for who may not ask, or where nobody answers.

    Pages show the subject itself wherever there is no name.
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
