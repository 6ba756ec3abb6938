"""Lines wait for each other where a service serves, and nowhere else."""

import asyncio

import pytest

from shared.log_lines import LineWriter


@pytest.fixture
def lines() -> LineWriter:
    return LineWriter()


async def test_a_line_is_written_at_once(
    lines: LineWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    lines.info("one")
    assert capsys.readouterr().out == "one\n"


async def test_gathered_lines_are_written_together_in_order(
    lines: LineWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    with lines.gathering():
        lines.info("one")
        lines.debug("two")
        assert capsys.readouterr().out == ""
        while not (written := capsys.readouterr().out):
            await asyncio.sleep(0.005)
        assert written == "one\ntwo\n"
        lines.info("three")
    assert capsys.readouterr().out == "three\n"


async def test_a_warning_is_written_at_once_after_what_came_before_it(
    lines: LineWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    with lines.gathering():
        lines.info("one")
        lines.warning("two")
        assert capsys.readouterr().out == "one\ntwo\n"


async def test_what_another_thread_says_waits_for_no_loop(
    lines: LineWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    with lines.gathering():
        await asyncio.to_thread(lines.info, "one")
        assert capsys.readouterr().out == "one\n"


async def test_nothing_is_lost_among_threads(
    lines: LineWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(name: str) -> None:
        for number in range(200):
            lines.info(f"{name}{number}")

    with lines.gathering():
        saying = [asyncio.to_thread(say, name) for name in "ab"]
        for number in range(200):
            lines.info(f"c{number}")
        await asyncio.gather(*saying)
    written = capsys.readouterr().out.split()
    for name in "abc":
        own = [line for line in written if line.startswith(name)]
        assert own == [f"{name}{number}" for number in range(200)]
