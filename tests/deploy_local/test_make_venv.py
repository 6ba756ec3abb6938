"""`make` says in plain words what is missing, and does nothing when nothing is."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local.home import CHECKOUT

UNREACHABLE = "http://127.0.0.1:9/simple"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout, as far as `make ready` looks at it."""
    for name in ("Makefile", "pyproject.toml", "uv.lock", "deploy/local/make-venv.sh"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, tmp_path / name)
    return tmp_path


def make_ready(checkout: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    # The tests may be run by make themselves, whose words to an inner make are not ours.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "ready"],
        cwd=checkout,
        env={**outside, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_is_too_old_is_named(checkout: Path) -> None:
    old = checkout / "python3.9"
    old.write_text("#!/bin/sh\n[ \"$1\" = --version ] && echo 'Python 3.9.2'\nexit 1\n")
    old.chmod(0o755)
    made = make_ready(checkout, PYTHON=str(old))
    assert made.returncode != 0
    assert "Python 3.11 or newer is needed" in made.stderr
    assert "Python 3.9.2" in made.stderr
    assert not (checkout / ".venv").exists()


def test_an_index_that_cannot_be_reached_is_said_so(checkout: Path) -> None:
    made = make_ready(
        checkout, PIP_INDEX_URL=UNREACHABLE, PIP_RETRIES="0", PIP_CONFIG_FILE=os.devnull
    )
    assert made.returncode != 0
    assert "the Python package index cannot be reached" in made.stderr


def test_what_is_up_to_date_needs_no_network_and_says_nothing(checkout: Path) -> None:
    subprocess.run(["python3", "-m", "venv", "--without-pip", checkout / ".venv"], check=True)
    fingerprint = subprocess.run(
        ["sh", "-c", "{ pwd; cat uv.lock pyproject.toml deploy/local/make-venv.sh; } | cksum"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    (checkout / ".venv" / ".made-from").write_text(fingerprint.stdout)
    made = make_ready(checkout, PIP_INDEX_URL=UNREACHABLE)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
