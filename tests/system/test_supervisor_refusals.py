"""What keeps the system from starting is said in one sentence, with an exit code of its own."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.addresses import SERVICES
from deploy.local.ports import free_port_base
from tests.system.running import System, scrutiny
from tests.system.waiting import until

# The servers alone: quicker, and these failures come before any service.
NO_SERVICES = tuple(part for service in SERVICES for part in ("--without", service))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """PostgreSQL and Kafka of a system without services."""
    system = System(tmp_path_factory.mktemp("servers") / "home", *NO_SERVICES).start()
    yield system
    system.stop()


@pytest.fixture(scope="module")
def used_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of a system that ran and was stopped."""
    system = System(tmp_path_factory.mktemp("used") / "home", *NO_SERVICES).start()
    system.stop()
    return system.home.folder


@pytest.fixture
def stopped(used_home: Path, tmp_path: Path) -> System:
    """A stopped system with data, to be damaged."""
    subprocess.run(["cp", "-a", used_home, tmp_path / "home"], check=True)
    return System(tmp_path / "home", *NO_SERVICES)


def refused(system: System, code: int, *sentence: str, least_free_mb: int = 1) -> None:
    least = {"SCRUTINY_LEAST_FREE_MB": str(least_free_mb)}
    started = scrutiny("up", *system.options, home=system.home.folder, environment=least)
    assert started.returncode == code, started.stdout + started.stderr
    lines = started.stderr.strip().splitlines()
    assert len(lines) == 1, started.stderr
    for part in sentence:
        assert part in lines[0]
    until(lambda: processes_of(system.home.folder) == [], within=1)


def processes_of(home: Path) -> list[str]:
    lines = (" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"]))
    return [line for line in lines if str(home) in line]


def test_a_taken_port_is_named_with_who_wants_it_and_who_holds_it(tmp_path: Path) -> None:
    system = System(tmp_path / "home")
    port = int(system.options[-1]) + 2
    with socket.create_server(("127.0.0.1", port)):
        refused(system, 3, f"Port {port}", "wanted by deadlines", f"process {os.getpid()}")


def test_too_little_room_is_said_before_anything_is_started(tmp_path: Path) -> None:
    refused(System(tmp_path / "home"), 4, "MB free", least_free_mb=100_000_000)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")
def test_a_disk_that_fills_up_while_starting_is_called_full(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", small], check=True)
    try:
        refused(System(small / "home"), 4, "is full")
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_damaged_postgres_folder_is_named_and_left_alone(stopped: System) -> None:
    version = stopped.home.postgres / "data" / "PG_VERSION"
    version.unlink()
    refused(stopped, 5, str(stopped.home.postgres), "PG_VERSION is missing")
    version.write_text("18\n")
    stopped.start().stop()


def test_a_damaged_kafka_folder_is_named(stopped: System) -> None:
    (stopped.home.kafka / "data" / "meta.properties").write_text("\0")
    refused(stopped, 5, str(stopped.home.kafka), "meta.properties")


def test_lost_field_keys_are_never_replaced_while_there_is_data(stopped: System) -> None:
    (stopped.home.keys / "field-keys.json").unlink()
    refused(stopped, 5, "field-keys.json is missing")


def test_a_second_start_says_where_the_first_one_runs(servers: System) -> None:
    second = scrutiny("up", *servers.options, home=servers.home.folder)
    pid = servers.home.supervisor_pid()
    assert second.returncode == 6
    assert f"supervisor process {pid}" in second.stderr
    assert servers.url("console") in second.stderr
    assert scrutiny("status", home=servers.home.folder).returncode == 0


def test_a_running_system_is_not_reset(servers: System) -> None:
    answer = scrutiny("reset", "--yes", home=servers.home.folder)
    assert answer.returncode == 6
    assert servers.home.postgres.exists()


def test_reset_asks_first_and_then_removes_everything(stopped: System) -> None:
    asked = scrutiny("reset", home=stopped.home.folder)
    assert asked.returncode != 0
    assert stopped.home.folder.exists()
    assert scrutiny("reset", "--yes", home=stopped.home.folder).returncode == 0
    assert not stopped.home.folder.exists()


def test_nothing_to_stop_and_nothing_to_show_have_a_code_of_their_own(tmp_path: Path) -> None:
    for command in ("status", "down"):
        answer = scrutiny(command, home=tmp_path)
        assert answer.returncode == 7
        assert "Nothing runs in" in answer.stderr


def test_servers_that_exist_are_used_instead(servers: System, tmp_path: Path) -> None:
    admin = (servers.home.postgres / "superuser.password").read_text()
    database = f"postgresql://postgres:{admin}@127.0.0.1:{servers.ports.database}/postgres"
    there = ("--bus", servers.bootstrap, "--database", database)
    guest = System(tmp_path / "home", *there, *NO_SERVICES).start()
    try:
        assert [one.name() for one in guest.processes() if one.name() in {"java", "postgres"}] == []
    finally:
        guest.stop()


@pytest.mark.parametrize("server", ["bus", "database"])
def test_a_server_that_does_not_answer_is_named(tmp_path: Path, server: str) -> None:
    where = f"127.0.0.1:{free_port_base()}"
    address = where if server == "bus" else f"postgresql://postgres:secret@{where}/postgres"
    system = System(tmp_path / "home", f"--{server}", address, *NO_SERVICES)
    refused(system, 9, f"answers at {where}")


def test_one_token_is_printed_and_nothing_else(servers: System) -> None:
    answer = scrutiny("token", "notifier", "--area", "S12000047", home=servers.home.folder)
    assert answer.returncode == 0
    assert answer.stdout.count(".") == 2
    assert len(answer.stdout.splitlines()) == 1
    assert answer.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("notifier",), "add at least one, for example --area S12000047"),
        (("strategic-inspector",), "add at least one"),
        (("king",), "choose one of notifier"),
        (("auditor", "--area", "Fife"), "is not an area code"),
    ],
)
def test_a_token_that_would_open_nothing_is_refused(
    servers: System, arguments: tuple[str, ...], sentence: str
) -> None:
    answer = scrutiny("token", *arguments, home=servers.home.folder)
    assert answer.returncode == 1
    assert sentence in answer.stderr
    assert answer.stdout == ""
