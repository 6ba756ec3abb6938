"""What all attacks on the whole system have in common: an empty ground, load, rest, a verdict."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from shared.events.topics import DEADLINES, INTAKE
from tests.chaos.bus_extract import Bus, Places
from tests.chaos.checker import Findings, check
from tests.chaos.evidence import TOPICS, Evidence, gather
from tests.chaos.ground import Ground
from tests.chaos.ledger import Ledger
from tests.chaos.notifiers import Notifiers
from tests.chaos.partner_load import PartnerLoad
from tests.chaos.repeats import Repeats
from tests.chaos.settling import forget_the_past, settled
from tests.chaos.victims import Victims
from tests.system.personal import FIFE

# While the database is away 503 is the honest answer; 409 says that the first try is still at it.
HONEST = {201, 409, 503}
PARTNER_PACE_SECONDS = 0.2
INTERNAL = {INTAKE.name, DEADLINES.name}


@dataclass
class Battle:
    """One stretch of load on a ground: where the bus stood before it, and what was acknowledged."""

    ground: Ground
    seed: int
    starts: Places
    ledger: Ledger
    honest: set[int] = field(default_factory=lambda: HONEST)
    notifiers: Notifiers | None = None
    repeats: Repeats | None = None

    @classmethod
    async def begun(cls, ground: Ground, seed: int) -> "Battle":
        """On empty databases; what was on the bus before is no part of it."""
        await forget_the_past(ground)
        await ground.fresh()
        starts = await asyncio.to_thread(Bus(ground.system.bootstrap).ends, TOPICS)
        return cls(ground, seed, starts, Ledger(ground.folder / "ledger.jsonl"))

    @asynccontextmanager
    async def load(self, *, repeating: bool) -> AsyncIterator[Notifiers]:
        """People and the partner at work, and if wanted somebody who repeats what is on the bus.

        In the end everything they began is acknowledged.
        """
        system = self.ground.system
        headers = system.auth("notifier", FIFE)
        self.notifiers = Notifiers(system.ports.intake, headers, self.ledger, self.seed)
        partner = PartnerLoad(system, self.ledger, self.seed, PARTNER_PACE_SECONDS)
        partner.start()
        internal = {
            place: at for place, at in self.starts.items() if repeating and place[0] in INTERNAL
        }
        self.repeats = Repeats(system.bootstrap, internal, self.seed).start()
        try:
            yield self.notifiers.start()
        finally:
            for one in (self.notifiers, partner, self.repeats):
                await asyncio.to_thread(one.stop)

    async def ended(self, variant: str | None, patience: float) -> tuple[Evidence, Findings]:
        """Let it come to rest, and hold what is there against what was acknowledged."""
        async with at_work(Victims(self.ground, self.seed, variant=variant)) as last:
            await settled(self.ground, patience, mails=variant is None)
        evidence = await gather(self.ground, self.ledger.read(), self.starts)
        findings = check(evidence)
        findings.add(("died unordered", one) for one in last.unordered)
        refused = self.notifiers.refused if self.notifiers else []
        wrong = [one for one in refused if int(one.split()[0]) not in self.honest]
        return evidence, findings.add(("answered as it must not", one) for one in wrong)


@asynccontextmanager
async def at_work(victims: Victims) -> AsyncIterator[Victims]:
    """The attacked services run during the block."""
    await victims.start()
    try:
        yield victims
    finally:
        await victims.stop()
