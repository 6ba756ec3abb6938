"""What has changed about the clocks of many cases: read first, told case by case, written last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.ladder import Verdict
from services.deadlines.domain.mail import Occasion, reminding
from services.deadlines.domain.progress import Change, Known, after, changes, look_again
from services.deadlines.domain.reminders import Reminders, reminders
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.woken import by_record, only_time_has_passed
from services.deadlines.storage.calendars import hold_pinned, read_in_force
from services.deadlines.storage.cases import save_cases
from services.deadlines.storage.due_cases import save_woken
from services.deadlines.storage.mails import Owing, owe_mails
from services.deadlines.storage.recorded_clocks import (
    Recording,
    Written,
    record_clocks,
    unwritten,
    written_clocks,
)
from services.deadlines.storage.reminders import Decided, Ledger, decided_rungs, write_decided
from services.deadlines.use_cases.clock_events import clock_event
from shared.telemetry import current_traceparent
from shared.transaction import Transaction

# Names this system in message ids; it needs no mail server of its own.
MESSAGE_DOMAIN = "deadlines.scrutiny.example.org"
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One clock's way from what was told to what is so now."""

    read: Written
    clock: Clock
    changes: tuple[Change, ...]
    reminders: Reminders

    @property
    def after(self) -> Known:
        """What is known of the clock once its changes are told."""
        return after(self.read.known, self.clock, self.changes)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of one case; `aged` where it needed no replay, for only time has passed."""

    steps: list[Step]
    aged: bool = False

    @property
    def again_at(self) -> datetime | None:
        """When to look again."""
        moments = [look_again(step.clock) for step in self.steps]
        moments += [step.reminders.next_at for step in self.steps]
        return min((at for at in moments if at is not None), default=None)


@dataclass(slots=True)
class Telling:
    """The cases of one transaction. Events are published as each case is told; rows wait."""

    tx: Transaction
    rulebook: Rulebook
    now: datetime
    read: dict[str, dict[str, Written]]
    ledger: Ledger
    # What a case waited for that time alone has woken; nobody has changed its facts meanwhile.
    woken: Mapping[str, datetime | None] = field(default_factory=dict)
    aged: list[tuple[Case, datetime | None]] = field(default_factory=list)
    cases: list[tuple[Case, datetime | None]] = field(default_factory=list)
    clocks: list[Recording] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    owing: list[Owing] = field(default_factory=list)

    @classmethod
    async def begin(
        cls,
        tx: Transaction,
        rulebook: Rulebook,
        cases: list[Case],
        now: datetime,
        woken: Mapping[str, datetime | None] | None = None,
    ) -> "Telling":
        """Read what was told about these cases, and the calendars they count by."""
        await hold_pinned(tx.session, rulebook, cases)
        read = await written_clocks(tx.session, [case.id for case in cases])
        known = [one.known.id for clocks in read.values() for one in clocks.values()]
        ledger = await decided_rungs(tx.session, known) if known else {}
        return cls(tx, rulebook, now, read, ledger, woken or {})

    def look(self, case: Case) -> Look:
        """What has become of each clock; raises where a case cannot be counted."""
        read = self.read[case.id]
        aged = self._aged(case, read)
        clocks = self.rulebook.clocks(case, self.now) if aged is None else aged
        steps = [
            self._step(case, read.get(clock.rule.id) or unwritten(case, clock.rule.id), clock)
            for clock in clocks
        ]
        return Look(steps, aged is not None)

    async def tell(self, case: Case, seen: Look | None = None) -> Case:
        """Publish the changes of one case in the current trace; answers the case after it."""
        seen = seen or self.look(case)
        if any(Change.REOPENED in step.changes for step in seen.steps):
            case = await self._pinned_anew(case, seen.steps)
            seen = self.look(case)
        for step in seen.steps:
            case = await self._publish(case, step)
            self._remind(case, step)
            self.clocks.append(Recording(case, step.clock, step.read, step.after))
        (self.aged if seen.aged else self.cases).append((case, seen.again_at))
        return case

    def owe(self, case: Case, occasion: Occasion) -> None:
        """Somebody is to be told once, by a mail sent after this transaction."""
        message_id = occasion.message_id(case.reference, MESSAGE_DOMAIN)
        self.owing.append(Owing(message_id, case.id, occasion, current_traceparent()))

    async def write(self) -> None:
        """Write it all; called once, when every case was told."""
        session = self.tx.session
        if self.cases:
            await save_cases(session, self.cases)
        if self.aged:
            await save_woken(session, self.aged)
        await record_clocks(session, self.clocks)
        if self.decided:
            await write_decided(session, self.decided, self.now)
        if self.owing:
            await owe_mails(session, self.owing, self.now)

    async def _pinned_anew(self, case: Case, steps: list[Step]) -> Case:
        # What was closed stood still while calendars were corrected; what runs again counts anew.
        await read_in_force(self.tx.session, self.rulebook.shelf)
        again = {step.clock.rule.id for step in steps if Change.REOPENED in step.changes}
        pins = self.rulebook.pins(case)
        return case.pinned({rule: pin for rule, pin in pins.items() if rule in again})

    def _aged(self, case: Case, read: Mapping[str, Written]) -> list[Clock] | None:
        woken_at = self.woken.get(case.id)
        if woken_at is None or not only_time_has_passed(case.facts, woken_at):
            return None
        records = {rule: one.record for rule, one in read.items() if one.record is not None}
        return by_record(self.rulebook.rules_of(case), case, records, self.now)

    def _step(self, case: Case, read: Written, clock: Clock) -> Step:
        known, due_at = read.known, clock.due_at
        told = self.ledger.get((known.id, due_at), _NOTHING) if due_at else _NOTHING
        found = reminders(known, clock, case.begun_at, told)
        return Step(read, clock, changes(known, clock, case.begun_at), found)

    async def _publish(self, case: Case, step: Step) -> Case:
        for change in step.changes:
            case = case.having_told(1)
            event = clock_event(change, case, step.read.known.id, step.clock)
            await self.tx.publish(
                event, subject=case.reference, key=case.id, sequence=case.sequence
            )
        return case

    def _remind(self, case: Case, step: Step) -> None:
        clock_id, due_at = step.read.known.id, step.clock.due_at
        for found, verdict in step.reminders.verdicts:
            if due_at is not None:
                self.decided.append(Decided(clock_id, due_at, found, verdict))
            if verdict is Verdict.TELL:
                self.owe(case, reminding(found, step.clock, clock_id))
