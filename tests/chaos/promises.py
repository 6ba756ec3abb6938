"""The promises, how each is attacked, and what must be found out: the rows of the page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """`figures` name the files that its last full attack left in `figures/`."""

    title: str
    attack: str
    control: str
    module: str
    figures: tuple[str, ...]


PROMISES = (
    Promise(
        "Nothing acknowledged is lost; each effect once; order per key",
        "The whole system under load from people and a partner. intake and deadlines die by "
        "SIGKILL at 14 named points, before and after each of inbox insert, effect, outbox "
        "insert, commit, offset commit, send and mark sent; PostgreSQL and Kafka die as well. "
        "Every request is repeated under its key until it is answered 201, and only then written "
        "to a ledger outside the system. In the end every database, the bus, the mails and the "
        "receipts are held against that ledger.",
        "Offsets committed before the effect; no inbox; outbox written after the commit; marked "
        "sent before the bus has acknowledged.",
        "test_nothing_lost.py",
        ("nothing-lost",),
    ),
    Promise(
        "Order under takeover",
        "Four relays with short leases on one outbox; one is frozen by SIGSTOP past its lease, "
        "again and again, while others take its shards over, and is woken in the middle.",
        "Relays without fencing.",
        "test_takeover.py",
        ("order-under-takeover",),
    ),
    Promise(
        "Poison neither blocks nor vanishes",
        "Malformed messages among good ones on a partner's topic: headers that are not UTF-8, "
        "truncated and deeply nested JSON, wrong types, huge numbers, NUL, unknown schemas, bodies "
        "of 5 MB. Each is refused or parked once with its original bytes, memory stays flat, and "
        "what is redriven after a fix takes effect in order.",
        "A parser that raises; a parking that forgets the bytes.",
        "test_poison.py",
        ("poison", "poison-redriven"),
    ),
    Promise(
        "Away and back",
        "Broker, database, mail server and trace collector are away for seconds and for minutes, "
        "again and again, while intake is asked and the processes are stopped.",
        "Answers that wait for the bus.",
        "test_away_and_back.py",
        ("away-and-back",),
    ),
    Promise(
        "A bus lost whole heals",
        "Kafka's data is deleted under load and an empty cluster takes its place; every event has "
        "to reach every consumer once.",
        "A relay that does not ask which cluster answers.",
        "test_lost_bus.py",
        ("a-lost-bus", "a-lost-bus-system"),
    ),
    Promise(
        "Reminders fire once and never early",
        "Many due among many more that are not, four sweepers, kills, the clock stepped by an "
        "hour, both nights on which the clocks change.",
        "A sweeper without the ledger of reminders.",
        "test_reminders.py",
        ("reminders",),
    ),
    Promise(
        "Graceful stop",
        "SIGTERM to intake or deadlines under load. No request is answered 5xx, no answer is "
        "withheld from whoever's work was done, nothing is left leased, at most the batch in hand "
        "is delivered again, and the checker of the first promise finds nothing.",
        "A process that just ends.",
        "test_graceful_stop.py",
        ("graceful-stop",),
    ),
    Promise(
        "No leaks",
        "Unique texts in every personal field, everything driven once; then internal topics, logs, "
        "spans, mails, problem details and dumps of all databases are searched for them.",
        "One text planted in each place.",
        "test_no_leaks.py",
        ("no-leaks",),
    ),
    Promise(
        "Hostile HTTP",
        "Generated requests against every operation of every service: never a 5xx, every answer "
        "as documented.",
        "Routes that fail, and routes that answer what they do not document.",
        "test_hostile_http.py",
        (
            "hostile-http-intake",
            "hostile-http-deadlines",
            "hostile-http-directory",
            "hostile-http-inspections",
            "hostile-http-console",
        ),
    ),
    Promise(
        "One trace",
        "Whole journeys, each of which must be one trace with every edge from the request to the "
        "last effect; with the exporter down they must cost hardly more.",
        "A link that is not carried on.",
        "test_one_trace.py",
        ("one-trace",),
    ),
)
