"""Journeys in numbers, made for real and side by side: each has a trace of its own to look for."""

import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import TypeVar

from tests.chaos.journeys import (
    JOURNEYS,
    PARTNER,
    Journey,
    appointment,
    by_http,
    decision,
    inspection,
    let_days_pass,
    report,
)
from tests.chaos.sizes import size
from tests.system.chain import Chain
from tests.system.partner import Partner
from tests.system.personal import notification
from tests.system.stored import rows
from tests.system.waiting import until

AT_ONCE = 4
# What a loaded machine may take for one after the other of thousands.
PATIENCE_SECONDS = size(180, 600)
_TOLD = """
    SELECT count(*) AS told FROM happenings h JOIN notifications n ON n.id = h.notification_id
    WHERE n.reference = ANY($1) AND h.what = $2
"""

Many = Callable[[Chain, int], list[Journey]]
Item = TypeVar("Item")


def make_many(chain: Chain, each: int) -> dict[str, list[Journey]]:
    """`each` of every kind of journey."""
    for area in ("chief-inspector", "support-officer"):
        chain.as_(area)
    assert chain.notifier
    return {name: MANY[name](chain, each) for name in JOURNEYS}


def completed(chain: Chain, made: dict[str, list[Journey]]) -> bool:
    """Whether every journey of a notification has come to its last effect: somebody was told."""
    for name in ("notified over HTTP", "notified by a partner"):
        wait_for(chain, made[name], "person.told")
    return True


def wait_for(chain: Chain, made: Iterable[Journey], what: str) -> None:
    """Returns when the timeline of each case tells of `what`."""
    wanted = [one.reference for one in made]
    until(
        lambda: rows(chain.system, "intake", _TOLD, wanted, what)[0]["told"] >= len(wanted),
        within=PATIENCE_SECONDS,
        why=chain.system.logs,
    )


def _side_by_side(make: Callable[[Chain], Journey]) -> Many:
    def many(chain: Chain, each: int) -> list[Journey]:
        with ThreadPoolExecutor(AT_ONCE) as makers:
            return list(makers.map(make, repeat(chain, each)))

    return many


def _by_partner(chain: Chain, each: int) -> list[Journey]:
    """All sent, then all answered: a partner does not wait for one receipt to send the next."""
    fife = Partner(chain.system)
    traces = [(secrets.token_hex(16), secrets.token_hex(8)) for _ in range(each)]
    sent = [
        fife.submit(notification(), traceparent=f"00-{trace_id}-{span_id}-01")
        for trace_id, span_id in traces
    ]
    references = [fife.receipt(message_id).body["reference"] for message_id in sent]
    fife.close()
    return [
        Journey(trace_id, reference, {span_id: PARTNER})
        for (trace_id, span_id), reference in zip(traces, references, strict=True)
    ]


def _due_soon(chain: Chain, each: int) -> list[Journey]:
    made = _side_by_side(by_http)(chain, each)
    wait_for(chain, made, "person.told")
    let_days_pass(chain, [one.reference for one in made], 23)
    wait_for(chain, made, "clock.due-soon")
    return made


def _overdue(chain: Chain, each: int) -> list[Journey]:
    made = _due_soon(chain, each)
    let_days_pass(chain, [one.reference for one in made], 10)
    wait_for(chain, made, "clock.overdue")
    return made


MANY: dict[str, Many] = {
    "notified over HTTP": _side_by_side(by_http),
    "notified by a partner": _by_partner,
    "due soon": _due_soon,
    "overdue": _overdue,
    "report handed in": _side_by_side(report),
    "decision recorded": _side_by_side(decision),
    "inspector appointed": _side_by_side(appointment),
    "inspection planned": _side_by_side(inspection),
}
