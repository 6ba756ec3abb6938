"""One attack from beginning to end: load, kills, rest, and the checker's verdict."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.battle import Battle, at_work
from tests.chaos.checker import Findings
from tests.chaos.ground import ATTACKED, Ground
from tests.chaos.kill_points import POINTS
from tests.chaos.notifiers import Notifiers
from tests.chaos.victims import Victims


@dataclass(frozen=True)
class Plan:
    """How much load, how many kills, of what; the seed decides the rest."""

    seed: int
    requests: int
    kills: int
    points: Sequence[str] = tuple(POINTS)
    other_kills: Sequence[str] = ()
    variant: str | None = None
    # How long the load may take, and the rest to come to an end once nothing more comes in.
    longest: float = 900.0
    patience: float = 600.0


@dataclass(frozen=True)
class Outcome:
    """What was done, and everything that was found wrong."""

    findings: Findings
    killed: Counter[str]
    killed_by_service: dict[str, int]
    others_killed: Counter[str]
    acknowledged: Counter[str]
    statuses: Counter[int | str]
    events: int
    records: int
    repeats: int
    seconds: dict[str, int]


async def attacked(ground: Ground, plan: Plan) -> Outcome:
    """Carry a plan out."""
    times = [time.monotonic()]
    battle = await Battle.begun(ground, plan.seed)
    times.append(time.monotonic())
    victims = Victims(ground, plan.seed, kills=plan.kills, points=plan.points, variant=plan.variant)
    victims.forget()
    async with at_work(victims), battle.load(repeating=True) as notifiers:
        others = await _until_enough(battle, plan, victims, notifiers)
    times.append(time.monotonic())
    # What was left in the middle is finished by processes that are under no orders.
    evidence, findings = await battle.ended(plan.variant, plan.patience)
    times.append(time.monotonic())
    findings.add(("died unordered", one) for one in victims.unordered)
    return Outcome(
        findings=findings,
        killed=victims.killed,
        killed_by_service={one: victims.killed_of(one).total() for one in ATTACKED},
        others_killed=others,
        acknowledged=battle.ledger.count,
        statuses=notifiers.statuses,
        events=evidence.events,
        records=evidence.bus.records,
        repeats=battle.repeats.count if battle.repeats else 0,
        seconds=_seconds(times),
    )


async def _until_enough(
    battle: Battle, plan: Plan, victims: Victims, notifiers: Notifiers
) -> Counter[str]:
    """Kill the others at moments spread over the load; return when load and kills are complete."""
    killed: Counter[str] = Counter()
    waiting = random.Random(plan.seed).sample(plan.other_kills, len(plan.other_kills))
    each = plan.requests / (len(waiting) + 1)
    deadline = time.monotonic() + plan.longest
    while (done := battle.ledger.requests) < plan.requests or not victims.done or waiting:
        victims.check()
        notifiers.check()
        deaths = victims.killed.total()
        assert time.monotonic() < deadline, f"{done} requests and {deaths} kills"
        # Load and kills keep step, so that the kills meet a system at work from first to last.
        notifiers.slow = done * (plan.kills + 1) > plan.requests * (deaths + 2)
        if waiting and done >= each * (killed.total() + 1):
            await battle.ground.kill(waiting[0])
            killed[waiting.pop(0)] += 1
        await asyncio.sleep(0.1)
    return killed


def _seconds(times: list[float]) -> dict[str, int]:
    phases = ("preparing", "under attack", "coming to rest and checking")
    return {
        phase: round(end - begin)
        for phase, begin, end in zip(phases, times, times[1:], strict=False)
    }
