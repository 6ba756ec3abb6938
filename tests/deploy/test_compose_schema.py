"""The compose files are what the Compose Specification says a compose file is."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.deploy.compose import FILE, OVERLAY, compose

SCHEMA = json.loads((Path(__file__).parent / "vendored/compose-spec/compose-spec.json").read_text())


@pytest.mark.parametrize("file", [FILE, OVERLAY], ids=lambda file: file.name)
def test_it_is_valid(file: Path) -> None:
    found = Draft7Validator(SCHEMA).iter_errors(yaml.safe_load(file.read_text()))
    assert [f"{list(error.absolute_path)}: {error.message}" for error in found] == []


def test_the_schema_would_notice() -> None:
    assert not Draft7Validator(SCHEMA).is_valid(compose() | {"services": {"a": {"imgae": "b"}}})


def test_what_the_overlay_changes_is_there() -> None:
    overlay = yaml.safe_load(OVERLAY.read_text())["services"]
    assert overlay.keys() <= compose()["services"].keys()
