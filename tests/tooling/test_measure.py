"""The report of lengths counts what a reader would count."""

import pytest

from tests.tooling.measure import PRODUCT, Length, functions_in, main, summary


def test_a_function_is_counted_from_its_def_to_its_last_line() -> None:
    source = "@cache\ndef f():\n    '''One.'''\n\n    return (\n        1\n    )\n"
    assert list(functions_in(source, "a.py")) == [Length(6, "a.py:2 f")]


def test_the_summary_names_the_longest() -> None:
    lengths = [Length(3, "short"), Length(30, "long"), Length(9, "usual")]
    assert "median 9" in summary("functions", lengths)
    assert "30 long" in summary("functions", lengths).splitlines()[1]


def test_the_product_can_be_measured(capsys: pytest.CaptureFixture[str]) -> None:
    main(PRODUCT)
    assert "files: median" in capsys.readouterr().out
