"""Holds the evidence against what was acknowledged; every way to break the promise has a name."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from services.deadlines.outside.mail_folder import file_name
from shared.events.topics import DEADLINES, INTAKE
from tests.chaos.evidence import Evidence
from tests.system.partner import RECEIPTS

# What the rules for the death of a looked-after child come to.
CLOCKS = 4
SAMPLES = 5

Finding = tuple[str, str]


@dataclass
class Findings:
    """How often each promise was found broken, and a few of the places."""

    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, found: Iterable[Finding]) -> "Findings":
        """Take in what a check has found."""
        for what, where in found:
            self.counts[what] += 1
            self.samples.setdefault(what, [])
            if len(self.samples[what]) < SAMPLES:
                self.samples[what].append(where)
        return self

    def __str__(self) -> str:
        return "; ".join(
            f"{what} x{self.counts[what]}: {self.samples[what]}" for what in self.counts
        )


def check(evidence: Evidence) -> Findings:
    """Everything that is wrong; nothing when every promise was held."""
    checks = (_acknowledged, _published, _on_the_bus, _applied, _effects, _mails, _receipts, _left)
    findings = Findings()
    for one in checks:
        findings.add(one(evidence))
    return findings


def _acknowledged(seen: Evidence) -> Iterator[Finding]:
    ledger = seen.acknowledged
    for key, references in ledger.references.items():
        if len(references) > 1:
            yield "one key, two notifications", key
        for reference in references - seen.cases.keys():
            yield "acknowledged and lost", reference
    known = {one for references in ledger.references.values() for one in references}
    for reference in seen.cases.keys() - known:
        if seen.cases[reference] not in seen.from_partner:
            yield "stored and never asked for", reference
    for reference in ledger.decisions.keys() | seen.decisions.keys():
        asked, stored = ledger.decisions[reference], seen.decisions.get(reference, 0)
        if asked != stored:
            yield ("decision lost" if stored < asked else "decision twice"), reference


def _published(seen: Evidence) -> Iterator[Finding]:
    for case in seen.cases.values():
        if (INTAKE.name, case) not in seen.outboxes["intake"]:
            yield "stored and not published", case
    for outbox in seen.outboxes.values():
        for (topic, key), events in outbox.items():
            numbers = [number for number, _ in events]
            if topic != RECEIPTS and numbers != list(range(1, len(numbers) + 1)):
                yield "sequence broken when published", f"{topic} {key} {numbers[:20]}"


def _on_the_bus(seen: Evidence) -> Iterator[Finding]:
    for outbox in seen.outboxes.values():
        for (topic, key), events in outbox.items():
            if topic == RECEIPTS:
                continue
            there = list(dict.fromkeys(seen.bus.events.get((topic, key), ())))
            if set(events) - set(there):
                yield "published and never sent", f"{topic} {key}"
            elif there != events:
                yield "out of order on the bus", f"{topic} {key}"
    for topic, key in seen.bus.events:
        if not any((topic, key) in outbox for outbox in seen.outboxes.values()):
            yield "sent and never published", f"{topic} {key}"


def _applied(seen: Evidence) -> Iterator[Finding]:
    for producer, topic, consumer in (
        ("intake", INTAKE.name, "deadlines"),
        ("deadlines", DEADLINES.name, "intake"),
    ):
        for (where, key), events in seen.outboxes[producer].items():
            if where == topic and any(one not in seen.inboxes[consumer] for _, one in events):
                yield f"never reached {consumer}", key


def _effects(seen: Evidence) -> Iterator[Finding]:
    for case in seen.cases.values():
        yield from _compared(case, seen.said.get(case, []), seen.told.get(case, []))
        yield from _compared(case, seen.decided.get(case, []), seen.acted_on.get(case, []))
        if seen.clocks.get(case, 0) != CLOCKS:
            yield "clocks missing or too many", f"{case} {seen.clocks.get(case, 0)}"


def _compared(case: str, said: Sequence[str], done: Sequence[str]) -> Iterator[Finding]:
    """What one service said against what another did about it, line by line."""
    if said == done:
        return
    missing, more = Counter(said) - Counter(done), Counter(done) - Counter(said)
    if missing:
        yield "effect lost", f"{case} {[*missing]}"
    if more:
        yield "effect twice", f"{case} {[*more]}"
    if not missing and not more:
        yield "effects out of order", f"{case} {said} {done}"


def _mails(seen: Evidence) -> Iterator[Finding]:
    """A mail that is sent twice is one file, so that it is the telling that is counted."""
    told = Counter(case for case, _ in seen.mails)
    for case in seen.cases.values():
        if told[case] != 1:
            yield "person told never or twice", f"{case} {told[case]}"
    for case, message_id in seen.mails:
        if file_name(message_id) not in seen.mail_files:
            yield "told of a mail that was never sent", case


def _receipts(seen: Evidence) -> Iterator[Finding]:
    on_bus = {one for ids in seen.bus.messages.values() for one in ids}
    for message in seen.acknowledged.messages - on_bus:
        yield "message gone from the bus", message
    for key in seen.bus.messages.keys() | seen.bus.receipts.keys():
        asked = list(dict.fromkeys(seen.bus.messages.get(key, ())))
        # A receipt may be delivered again, as itself; another one would be another answer.
        answers = [to for to, _ in dict.fromkeys(seen.bus.receipts.get(key, ()))]
        yield from _answered(key, asked, answers)


def _answered(key: str, asked: list[str], answers: list[str]) -> Iterator[Finding]:
    given = Counter(answers)
    for message in asked:
        if given[message] != 1:
            yield ("receipt lost" if not given[message] else "receipt twice"), message
    if sorted(asked) == sorted(answers) and asked != answers:
        yield "receipts out of order", key


def _left(seen: Evidence) -> Iterator[Finding]:
    for service, left in seen.left.items():
        for what, count in left.items():
            if count:
                yield f"{what} in the end", f"{service} {count}"
