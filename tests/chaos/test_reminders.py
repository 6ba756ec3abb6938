"""Promise: a reminder fires once and never early.

Attack: cases fall due at both ends of the two days of the year that are not 24 hours long, among
ten or a hundred times as many that do not. Four sweepers with their mailers work on them by a
clock that is stepped forwards by an hour and back again; they are killed by SIGKILL as they work,
and others take their place. At every step nobody may have been told whose instant no clock has
shown yet; in the end each case has one row in the ledger, one mail, one file and one event of
each kind, and its events are numbered one after the other.

Control: sweepers that take what others hold and keep no ledger tell the same thing several times,
and sweepers whose clock is an hour ahead tell it early. The same checks find both.
"""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from services.directory.sample import load_sample
from shared.access.principal import Role
from shared.confidential.fields import FieldCipher
from tests.access_kit import AUDIENCE, FIELD_KEYS, ISSUER, as_, jwks_file
from tests.benchmarks.processes import serving
from tests.chaos.figures import record
from tests.chaos.reminder_attack import AUTUMN, SPRING, Attack, Night
from tests.chaos.reminder_checks import sendings
from tests.chaos.reminding import Orders
from tests.chaos.sizes import SEED, size
from tests.conftest import FreshDatabase
from tests.servers import run_apart

pytestmark = pytest.mark.chaos

DUE, AMONG, KILLS = size(400, 50_000), size(4_000, 5_000_000), size(12, 200)
# What a killed process was sending is taken over by others after so long; the product's own 20
# seconds are waited for where all is attacked.
CLAIMED_SECONDS = size(3, 20)

_done: dict[str, dict[str, float]] = {}


@pytest.fixture
async def directory(fresh_database: FreshDatabase) -> AsyncIterator[str]:
    """The real directory with its sample people, over HTTP."""
    url = fresh_database("directory")
    run_apart(load_sample(url, FieldCipher(FIELD_KEYS)))
    settings = {
        "SCRUTINY_DATABASE_URL": url,
        "SCRUTINY_FIELD_KEYS": FIELD_KEYS,
        "SCRUTINY_OIDC_ISSUER": ISSUER,
        "SCRUTINY_OIDC_AUDIENCE": AUDIENCE,
        "SCRUTINY_OIDC_JWKS": str(jwks_file()),
        "SCRUTINY_LOG_LEVEL": "warning",
    }
    async with serving(["services.directory", "app"], settings) as directory:
        yield directory.url


@pytest.fixture
def orders(directory: str, fresh_database: FreshDatabase, tmp_path: Path) -> Orders:
    """What the processes are told."""
    token = as_(Role.SERVICE, exp=int(time.time()) + 7200)["Authorization"]
    database = fresh_database("deadlines")
    return Orders(database, str(tmp_path), directory, token, CLAIMED_SECONDS)


@pytest.mark.parametrize("night", [SPRING, AUTUMN], ids=["spring", "autumn"])
async def test_each_reminder_is_sent_once_and_never_early(night: Night, orders: Orders) -> None:
    attack = Attack(night, orders, DUE // 2, AMONG // 2, KILLS // 2, Random(SEED))
    await attack.prepare()
    began = time.monotonic()

    assert await attack.run() == []

    sent, again = sendings(Path(orders.folder))
    _note(night, attack, sent, again, time.monotonic() - began)


def _note(night: Night, attack: Attack, sent: int, again: int, seconds: float) -> None:
    _done[night.name] = {
        "due": attack.due, "among": attack.among, "kills": attack.killed, "mails": sent,
        "sent_again_after_a_crash": again, "seconds": round(seconds),
    }  # fmt: skip
    if len(_done) == 2:
        total = {name: sum(one[name] for one in _done.values()) for name in _done[night.name]}
        record("reminders", **total, sweepers=attack.sweepers, clock_steps=8, doubled=0, early=0)


async def test_sweepers_without_lock_and_ledger_are_found_out(orders: Orders) -> None:
    attack = await _broken(orders, "without lock and ledger")
    wrong = await attack.run()
    assert [said for said in wrong if said.endswith((" 2 mails", " 3 mails", " 4 mails"))]


async def test_sweepers_whose_clock_is_ahead_are_found_out(orders: Orders) -> None:
    attack = await _broken(orders, "ahead of time")
    wrong = await attack.run()
    assert [said for said in wrong if said.startswith("a-000000001: early, ")]


async def _broken(orders: Orders, variant: str) -> Attack:
    attack = Attack(
        SPRING,
        _with(orders, variant),
        due=200,
        among=400,
        kills=4,
        chance=Random(SEED),
        until_wrong=True,
    )
    await attack.prepare()
    return attack


def _with(orders: Orders, variant: str) -> Orders:
    return Orders(orders.database, orders.folder, orders.directory, orders.token, 3, variant)
