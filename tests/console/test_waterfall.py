"""Every span of a trace is shown once, under what caused it, whatever was sent."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.span import Link, Span
from services.console.domain.waterfall import Waterfall, waterfall

TRACE, OTHER = "a" * 32, "b" * 32


def span(
    span_id: str,
    parent: str | None = None,
    start: int = 0,
    took: int = 10,
    trace: str = TRACE,
    links: tuple[Link, ...] = (),
) -> Span:
    """A span that says only what matters."""
    return Span(trace, span_id, parent, span_id, "internal", "intake", start, took, links=links)


def shape(found: Waterfall) -> list[tuple[str, int]]:
    """Names and depths, in reading order."""
    return [(row.span.span_id, row.depth) for row in found.rows]


def test_children_stand_under_their_parents_in_order_of_time() -> None:
    spans = [
        span("send", "request", 30),
        span("sql", "request", 10),
        span("request"),
        span("process", "send", 50),
    ]
    assert shape(waterfall(TRACE, spans)) == [
        ("request", 0),
        ("sql", 1),
        ("send", 1),
        ("process", 2),
    ]


def test_a_span_whose_parent_never_arrived_stands_alone_and_says_so() -> None:
    (row,) = waterfall(TRACE, [span("child", "nobody")]).rows
    assert (row.depth, row.orphan) == (0, True)


def test_work_done_in_batches_hangs_where_it_is_linked_with_all_it_caused() -> None:
    linked = (Link(OTHER, "x"), Link(TRACE, "send"))
    spans = [
        span("send"),
        span("batch", None, 20, trace=OTHER, links=linked),
        span("sql", "batch", 25, trace=OTHER),
        span("unrelated", None, 30, trace=OTHER),
    ]
    found = waterfall(TRACE, spans)
    assert shape(found) == [("send", 0), ("batch", 1), ("sql", 2)]
    assert [row.linked for row in found.rows] == [False, True, True]


def test_a_clock_that_is_behind_is_pointed_out() -> None:
    rows = waterfall(TRACE, [span("parent", None, 1000), span("child", "parent", 400)]).rows
    assert [row.early_ns for row in rows] == [0, 600]
    assert rows[1].offset == 0.0


def test_parents_in_a_ring_are_all_shown() -> None:
    spans = [span("one", "two", 5), span("two", "one", 3), span("itself", "itself", 9)]
    assert shape(waterfall(TRACE, spans)) == [("itself", 0), ("two", 0), ("one", 1)]


def test_a_very_deep_trace_is_no_trouble() -> None:
    spans = [span(f"s{n}", f"s{n - 1}" if n else None, n) for n in range(5000)]
    assert waterfall(TRACE, spans).rows[-1].depth == 4999


IDS = [f"{n:016x}" for n in range(8)]
ANY_SPAN = st.builds(
    Span,
    trace_id=st.sampled_from([TRACE, OTHER]),
    span_id=st.sampled_from(IDS),
    parent_id=st.none() | st.sampled_from([*IDS, "f" * 16]),
    name=st.just("work"),
    kind=st.just("internal"),
    service=st.sampled_from(["intake", "deadlines"]),
    start_ns=st.integers(0, 2**63 - 1),
    duration_ns=st.integers(0, 2**40),
    links=st.lists(
        st.builds(Link, st.sampled_from([TRACE, OTHER]), st.sampled_from(IDS)), max_size=3
    ).map(tuple),
)


@given(st.lists(ANY_SPAN, max_size=24))
def test_every_span_of_the_trace_is_shown_exactly_once(spans: list[Span]) -> None:
    rows = waterfall(TRACE, spans).rows
    shown = [row.span.id for row in rows]
    assert len(shown) == len(set(shown))
    assert {one for one in shown if one[0] == TRACE} == {
        one.id for one in spans if one.trace_id == TRACE
    }


@given(st.lists(ANY_SPAN, max_size=24))
def test_every_bar_lies_within_the_axis(spans: list[Span]) -> None:
    found = waterfall(TRACE, spans)
    for row in found.rows:
        assert 0 <= row.offset <= 1
        assert row.offset + row.width <= 1 + 1e-6
        assert found.start_ns <= row.span.start_ns


@given(st.lists(ANY_SPAN, max_size=24))
def test_nobody_stands_more_than_one_step_below_the_row_before(spans: list[Span]) -> None:
    depths = [row.depth for row in waterfall(TRACE, spans).rows]
    assert all(b <= a + 1 for a, b in itertools.pairwise(depths))
    assert not depths or depths[0] == 0
