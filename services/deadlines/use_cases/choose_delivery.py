"""Somebody chooses how they are told: a mail for each reminder, or one a day."""

from collections.abc import Callable
from datetime import datetime

from services.deadlines.domain.digest import Delivery
from services.deadlines.storage.digests import find_choice, save_choice
from shared.audit import record
from shared.transaction import Transaction


async def choose_delivery(
    tx: Transaction,
    person: str,
    delivery: Delivery,
    *,
    actor: str,
    require: Callable[[int], None],
    now: datetime,
) -> int:
    """Answers the choice's version; `require` refuses whoever has not seen the one before it.

    What is owed already goes the way that is chosen when it is sent; what waits for a digest
    goes out with it.
    """
    before, version = await find_choice(tx.session, person, lock=True)
    require(version)
    await save_choice(tx.session, person, delivery, version + 1, now)
    await record(
        tx,
        actor=actor,
        act="delivery of mails chosen",
        subject=person,
        now=now,
        before={"delivery": before.value},
        after={"delivery": delivery.value},
    )
    return version + 1
