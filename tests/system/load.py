"""Notifications in numbers while something breaks, and a look at what became of each."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from uuid import uuid4

import httpx

from tests.system.chain import Chain
from tests.system.personal import notification
from tests.system.stored import rows
from tests.system.waiting import until

SENDERS = 4
# Enough to be in the middle of something at any moment, and soon worked off afterwards.
PACE_SECONDS = 0.25
PATIENCE_SECONDS = 60
# A mail in hand when its sender is killed stays claimed for 90 seconds before another sends it.
AFTER_SECONDS = 150
# One case reported in time: what its timeline holds, each with the rule it is about.
_LINES = """
    SELECT n.reference, h.what, coalesce(h.facts ->> 'rule', '') AS rule, count(*) AS times
    FROM happenings h JOIN notifications n ON n.id = h.notification_id
    WHERE n.reference = ANY($1) GROUP BY 1, 2, 3
"""
_CLOCKS = """
    SELECT c.reference, count(*) AS clocks FROM clocks k JOIN cases c ON c.id = k.case_id
    WHERE c.reference = ANY($1) GROUP BY 1
"""
_TOLD = """
    SELECT subject AS reference, count(*) AS times FROM outbox
    WHERE type = 'scot.scrutiny.person.told.v1' AND subject = ANY($1) GROUP BY 1
"""


@dataclass
class Load:
    """What senders were answered: the reference of each key, and every status met on the way."""

    references: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int | str] = field(default_factory=Counter)
    problems: list[httpx.Response] = field(default_factory=list)

    @property
    def acknowledged(self) -> list[str]:
        """The references that somebody was given."""
        return sorted(self.references.values())


@contextmanager
def under_load(chain: Chain, at_least: int = 12) -> Iterator[Load]:
    """Notifies from several senders during the block, each until it is answered 201."""
    load, enough = Load(), Event()
    with ThreadPoolExecutor(SENDERS) as senders:
        running = [senders.submit(_send, chain, load, enough) for _ in range(SENDERS)]
        try:
            until(lambda: len(load.references) >= at_least)
            yield load
            seen = len(load.references)
            until(lambda: len(load.references) >= seen + at_least, within=PATIENCE_SECONDS)
        finally:
            enough.set()
        for one in running:
            one.result()


def _send(chain: Chain, load: Load, enough: Event) -> None:
    while not enough.wait(PACE_SECONDS):
        key, body = str(uuid4()), notification()
        until(lambda key=key, body=body: _answered(chain, load, key, body), within=PATIENCE_SECONDS)


def _answered(chain: Chain, load: Load, key: str, body: dict[str, object]) -> bool:
    """One try with the key of the first: what was done already is not done again."""
    try:
        answer = chain.notify(body, key=key)
    except httpx.HTTPError as error:
        load.statuses[type(error).__name__] += 1
        return False
    load.statuses[answer.status_code] += 1
    if answer.status_code != 201:
        load.problems.append(answer)
        return False
    load.references[key] = answer.json()["reference"]
    return True


def expect_each_effect_once(chain: Chain, load: Load) -> None:
    """Every acknowledged notification has its clocks, its mail and its timeline; all of it once."""
    calm = _of(chain, [chain.notified()])
    until(lambda: _is_told(calm()), within=AFTER_SECONDS)
    (usual,) = calm().values()
    lines = _of(chain, load.acknowledged)
    until(
        lambda: _all_like(lines(), usual, len(load.acknowledged)),
        within=AFTER_SECONDS,
        why=lambda: _unlike(lines(), usual, load) or chain.system.logs(),
    )
    _expect_one_set_of_clocks(chain, load)
    _expect_one_mail(chain, load)


def _of(chain: Chain, references: list[str]) -> Callable[[], dict[str, Counter[str]]]:
    def ask() -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {}
        for row in rows(chain.system, "intake", _LINES, references):
            lines = found.setdefault(row["reference"], Counter())
            lines[f"{row['what']} {row['rule']}".strip()] = row["times"]
        return found

    return ask


def _is_told(found: dict[str, Counter[str]]) -> bool:
    return any("person.told" in lines for lines in found.values())


def _all_like(found: dict[str, Counter[str]], usual: Counter[str], count: int) -> bool:
    return len(found) == count and all(lines == usual for lines in found.values())


def _unlike(found: dict[str, Counter[str]], usual: Counter[str], load: Load) -> str:
    gone = [one for one in load.acknowledged if one not in found]
    other = {one: dict(lines) for one, lines in found.items() if lines != usual}
    return f"lost: {gone[:5]}; not as usual: {dict(list(other.items())[:5])}" if other else ""


def _expect_one_set_of_clocks(chain: Chain, load: Load) -> None:
    found = rows(chain.system, "deadlines", _CLOCKS, load.acknowledged)
    assert {row["reference"]: row["clocks"] for row in found} == dict.fromkeys(load.acknowledged, 4)


def _expect_one_mail(chain: Chain, load: Load) -> None:
    names = [file.name for file in chain.system.home.mails.glob("notification.*.eml")]
    written = {one for one in load.acknowledged if f"notification.{one}.eml" in names}
    assert written == set(load.acknowledged)
    told = rows(chain.system, "deadlines", _TOLD, load.acknowledged)
    assert {row["reference"]: row["times"] for row in told} == dict.fromkeys(load.acknowledged, 1)
