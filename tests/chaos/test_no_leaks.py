"""What is personal is where it belongs, encrypted, and in no other place the system writes.

Attack: texts that nobody writes by chance stand in every personal field, and everything is driven
once: notifications over HTTP and from a partner, drafts, reports with attachments, addenda,
decisions, reviews, people and what inspectors write, refusals of each kind, a message that is
parked, mails, and every route and page with such texts where they do not belong. Then every place
the system writes to is read as a thief would: internal topics, logs, spans as they were sent and
as the console keeps them, mails, object storage, a dump of every database, the refusals themselves;
for the text and for its hex, base64, percent, escaped and wide forms.

Control: a text is planted in each place, and in each form; the same search must find it.
"""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from confluent_kafka import Producer

from tests.chaos import everything_once as drive
from tests.chaos.disguises import DISGUISES, found
from tests.chaos.every_route import PROBLEM, ask_every_api, ask_every_page
from tests.chaos.figures import record
from tests.chaos.places import PLACES, SENT_SPANS
from tests.chaos.sizes import size
from tests.chaos.span_collector import SpanCollector
from tests.chaos.traces import spans_about
from tests.system.chain import Chain
from tests.system.personal import BORN, MARK, TEXTS
from tests.system.running import System
from tests.system.stored import execute
from tests.system.waiting import until

pytestmark = pytest.mark.chaos
PLANTED = "zq7planted"
BORN_FORMS = (BORN, "17 March 1911", "17/03/1911", "19110317")
TEXTS_AT_LEAST = size(1_000, 10_000)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A system of its own, which sends its spans to a collector as well."""
    home = tmp_path_factory.mktemp("leaks") / "home"
    with SpanCollector(home / SENT_SPANS) as collector:
        system = System(home, environment=collector.environment).start()
        around = Chain(system)
        yield around
        around.close()
        system.stop()


@pytest.fixture(scope="module")
def problems(chain: Chain) -> list[str]:
    """Everything driven, more than once if that takes it; answers the body of every refusal."""
    before, told = len(TEXTS), []
    while not told or len(TEXTS) - before < TEXTS_AT_LEAST:
        told += _driven(chain)
    # The last span of the last case is there, so those of what came before are.
    last = chain.notified()
    chain.told(last)
    until(lambda: any("consumer" in span.node for span in spans_about(chain.system, last)))
    record("no-leaks", texts=len(TEXTS) - before, problems=len(told), places=len(PLACES))
    return told


def _driven(chain: Chain) -> list[str]:
    drive.act_on_cases(chain)
    drive.act_on_people(chain)
    told = [*drive.refused_over_http(chain), *drive.through_a_partner(chain)]
    answers = [*ask_every_api(chain), *ask_every_page(chain)]
    assert [one.text for one in answers if one.status_code >= 500] == []
    return told + [one.text for one in answers if _is_problem(one.headers)]


@pytest.mark.parametrize("place", PLACES)
def test_nothing_personal_is_in(chain: Chain, problems: list[str], place: str) -> None:
    assert problems
    assert found(PLACES[place](chain.system), MARK, *BORN_FORMS) == []


def test_no_refusal_repeats_what_was_sent(problems: list[str]) -> None:
    assert len(problems) >= 100
    assert found([(body, body.encode()) for body in problems], MARK, *BORN_FORMS) == []


@pytest.mark.parametrize("place", PLACES)
def test_the_search_finds_what_is_planted_in(chain: Chain, place: str) -> None:
    mark = f"{PLANTED}{uuid4().hex}"
    plant, clear = _planters(chain, mark)[place]
    plant()
    assert until(lambda: found(PLACES[place](chain.system), mark))
    clear()


@pytest.mark.parametrize("disguise", DISGUISES)
def test_the_search_finds_a_text(disguise: str) -> None:
    forms = [form for text in (MARK, *BORN_FORMS) for form in DISGUISES[disguise](text)]
    assert forms
    for form in forms:
        dumped = b"\\x" + (b"before " + form + b" after").hex().encode()
        assert found([("plain", b"before" + form + b"after")], MARK, *BORN_FORMS) == ["plain"]
        assert found([("dumped", dumped)], MARK, *BORN_FORMS) == ["dumped"]
    assert found([("other", b"nothing of anybody's, 1911-03-18")], MARK, *BORN_FORMS) == []


def _is_problem(headers: object) -> bool:
    return PROBLEM in str(headers)


def _planters(
    chain: Chain, mark: str
) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """How to put a text into each place, and how to take it out again."""
    home = chain.system.home
    span = f"""INSERT INTO spans (trace_id, span_id, name, kind, service, start_ns, duration_ns,
        failed, said, attributes, happenings, links, received_at) VALUES ('\\x01', '\\x02', 'x',
        'client', 'x', 1, 1, false, '', '{{"x": "{mark}"}}', '[]', '[]', now())"""
    log, mail, file = home.logs / "planted.log", home.mails / "planted.eml", home.files / "planted"

    def act(service: str, *statements: str) -> Callable[[], None]:
        return lambda: execute(chain.system, service, *statements)

    return {
        "internal topics": (lambda: _publish(chain, mark), lambda: None),
        "logs": (lambda: log.write_text(mark), log.unlink),
        "mails": (lambda: mail.write_text(f"Subject: x\n\n{mark}"), mail.unlink),
        "databases": (
            act("intake", f"CREATE TABLE planted AS SELECT bytea '{mark}'"),
            act("intake", "DROP TABLE planted"),
        ),
        "spans": (act("console", span), act("console", "DELETE FROM spans WHERE service = 'x'")),
        "object storage": (lambda: file.write_text(mark), file.unlink),
    }


def _publish(chain: Chain, mark: str) -> None:
    """Into a topic that nobody listens to."""
    producer = Producer({"bootstrap.servers": chain.system.bootstrap})
    producer.produce("inspections.inspections.v1", mark.encode())
    assert producer.flush(20) == 0
