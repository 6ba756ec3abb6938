"""The promises, how each is attacked, and what must be found out: the rows of the page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """`figures` are patterns of what its last full attack left in `figures/`."""

    title: str
    attack: str
    control: str
    modules: tuple[str, ...]
    figures: tuple[str, ...]


PROMISES = (
    Promise(
        "Nothing acknowledged is lost, each effect once, order per key",
        "The whole system under load from people and a partner. intake and deadlines die by "
        "SIGKILL at 14 named points: before and after inbox insert, effect, outbox insert, commit, "
        "offset commit, send, acknowledgement and mark sent. PostgreSQL, Kafka, directory and the "
        "console with the issuer die as well, and a stranger sends again what is on the bus. Every "
        "request is repeated under its key until it is answered 201, and only then written to a "
        "ledger outside the system; in the end databases, bus, mails and receipts are held "
        "against it.",
        "Offsets committed before the effect; no inbox; outbox written after the commit; marked "
        "sent before the bus has acknowledged.",
        ("nothing_lost",),
        ("nothing-lost",),
    ),
    Promise(
        "Order under takeover",
        "Four relays with leases of two seconds share one outbox; again and again one is frozen by "
        "SIGSTOP past its lease, others take its shards over, and it is woken in the middle.",
        "Relays without fencing: the woken one overtakes.",
        ("takeover",),
        ("order-under-takeover",),
    ),
    Promise(
        "Poison neither blocks nor vanishes",
        "Malformed messages of every kind among good ones on partners' topics. Each is refused or "
        "parked once with its original bytes, the good ones take effect, memory stays flat; what "
        "is redriven after a fix takes effect in order, and discarding needs a reason.",
        "A parser that raises; a redrive out of order.",
        ("poison", "redrive"),
        ("poison", "poison-redriven"),
    ),
    Promise(
        "Away and back",
        "Broker, database, mail server and trace collector in turn are killed, frozen or cut off, "
        "for seconds and for minutes, while people notify and processes are stopped.",
        "A relay that takes for sent what nobody took; a consumer that passes over what it cannot "
        "apply; mails sent to nobody; requests that need a collector.",
        ("away_and_back",),
        ("away-and-back*",),
    ),
    Promise(
        "A bus lost whole heals",
        "Under load the cluster is killed, its data deleted, and an empty one started in its "
        "place; every event has to reach every consumer once.",
        "A relay that sends nothing again.",
        ("lost_bus",),
        ("a-lost-bus", "a-lost-bus-system"),
    ),
    Promise(
        "A reminder fires once, never early",
        "Many due among many more that are not, on both nights on which the clocks change; four "
        "sweepers with their mailers are killed, and the clock is stepped by an hour.",
        "Sweepers without lock and ledger; sweepers whose clock is ahead.",
        ("reminders",),
        ("reminders*",),
    ),
    Promise(
        "Graceful stop",
        "SIGTERM to intake or deadlines under load. No request is answered 5xx, no answer is "
        "withheld from whoever's work was done, nothing is left leased, at most the batch in hand "
        "is delivered again, and the checker of the first promise finds nothing.",
        "A process that just ends.",
        ("graceful_stop",),
        ("graceful-stop",),
    ),
    Promise(
        "No leaks",
        "Texts that nobody writes by chance in every personal field, everything driven once; then "
        "internal topics, logs, spans, mails, problem details and databases are searched for them.",
        "A text planted in each place, and in each disguise.",
        ("no_leaks",),
        ("no-leaks*",),
    ),
    Promise(
        "Hostile HTTP",
        "Generated requests, valid and broken, against every operation of every service: never a "
        "5xx, every answer as documented.",
        "Routes that fail or answer what they do not document.",
        ("hostile_http",),
        ("hostile-http*",),
    ),
    Promise(
        "One trace",
        "Journeys of every kind side by side, each of which must be one trace with every edge from "
        "the request to the last effect, with a collector and without.",
        "A journey whose stored context is dropped.",
        ("one_trace",),
        ("one-trace*",),
    ),
    Promise(
        "A corrected calendar reaches every open clock",
        "Corrections one upon another under open clocks with pauses and extensions, carried "
        "through by several processes that are killed at it; in the end every clock must stand "
        "where counting it afresh puts it.",
        "A recomputation that passes over one day.",
        ("calendar_correction",),
        ("calendar-correction*",),
    ),
)
