"""`scrutiny parked`: an operator sees what could not be applied, and settles it."""

import json

from confluent_kafka import Producer

from shared.events.topics import DIRECTORY
from tests.system.running import System, scrutiny
from tests.system.waiting import until


def poison(system: System) -> None:
    """An event that inspections is told of and cannot read."""
    producer = Producer({"bootstrap.servers": system.bootstrap})
    headers = {
        "ce_specversion": "1.0",
        "ce_id": "not-a-uuid",
        "ce_source": "directory",
        "ce_type": "scot.scrutiny.appointment.made.v1",
        "content-type": "application/json",
    }
    producer.produce(DIRECTORY.name, b"\xff not json", key="poison", headers=list(headers.items()))
    producer.flush(10)


def parked(system: System, *arguments: str) -> str:
    answer = scrutiny("parked", *arguments, home=system.home.folder)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_a_parked_message_is_listed_shown_and_given_up_with_a_reason(system: System) -> None:
    poison(system)
    listed = until(lambda: [one for one in _rows(system) if one[3] == DIRECTORY.name])
    message = listed[0][1]
    shown = json.loads(parked(system, "show", "inspections", message))
    assert shown["parked"]["topic"] == DIRECTORY.name
    refused = scrutiny(
        *("parked", "discard", "inspections", message, "--reason", "short"),
        home=system.home.folder,
    )
    assert refused.returncode == 1
    assert "inspections refused: " in refused.stderr
    reason = "sent by hand while trying the system out"
    parked(system, "discard", "inspections", message, "--reason", reason)
    assert _rows(system) == []
    assert message in parked(system, "list", "inspections", "--all")


def test_a_service_that_does_not_exist_is_named(system: System) -> None:
    answer = scrutiny("parked", "list", "kitchen", home=system.home.folder)
    assert answer.returncode == 1
    assert "There is no service 'kitchen'" in answer.stderr


def _rows(system: System) -> list[list[str]]:
    lines = parked(system, "list", "inspections").splitlines()[1:]
    return [line.split("\t") for line in lines]
