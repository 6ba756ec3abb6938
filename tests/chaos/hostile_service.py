"""One service of an installation, attacked over HTTP."""

from functools import partial

from tests.chaos.attacked_app import AttackedApp
from tests.chaos.figures import record
from tests.chaos.hostile import Attack, attack, document_of
from tests.chaos.installation import Installation
from tests.chaos.known_things import known_things
from tests.chaos.sizes import SEED, size

EXAMPLES = size(100, 1_000)


def expect_documented_answers(installation: Installation, service: str) -> None:
    """Every operation of the service answers as its document says, whatever is sent."""
    app = AttackedApp(installation.built(service))
    known = partial(known_things, service, app)
    done = attack(app, document_of(app), known, examples=EXAMPLES, number=SEED)
    app.close()
    expect_nothing_wrong(service, done)


def expect_nothing_wrong(service: str, done: Attack) -> None:
    """Keeps what the attack came to; fails where an answer was wrong."""
    record(
        f"hostile-http-{service}",
        operations=done.operations,
        requests=done.statuses.total(),
        wrong=len(done.wrong),
        statuses={str(status): count for status, count in sorted(done.statuses.items())},
    )
    assert not done.wrong, done.told()
