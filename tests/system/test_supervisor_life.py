"""A system that is hurt heals, a system that is stopped leaves nothing, and data stays."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from deploy.local.addresses import SERVICES
from deploy.local.home import CHECKOUT
from tests.system.running import COMMAND, System, scrutiny

pytestmark = pytest.mark.slow
STOP_SECONDS = 10
# A network of its own in which there is nothing but loopback.
ALONE = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x41))
os.execvp(sys.argv[1], sys.argv[1:])
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of this module's own, because it is killed piece by piece."""
    running = System(tmp_path_factory.mktemp("own") / "home").start()
    yield running
    running.stop()


def gone(processes: list[psutil.Process], within: float = STOP_SECONDS) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=within)
    return not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


async def test_every_service_is_ready_and_the_folder_is_closed_to_others(own: System) -> None:
    async with httpx.AsyncClient() as client:
        for service in SERVICES:
            answer = await client.get(f"{own.url(service)}/health/ready")
            assert answer.status_code == 200, answer.text
    assert own.home.folder.stat().st_mode & 0o777 == 0o700
    assert (own.home.keys / "issuer.json").stat().st_mode & 0o777 == 0o600


async def test_the_sample_data_is_there_once(own: System) -> None:
    connection = await asyncpg.connect(own.database_url("directory"))
    assert await connection.fetchval("SELECT count(*) FROM areas") == 32
    await connection.close()
    assert own.home.sample_mark.exists()


@pytest.mark.parametrize("name", ["intake", "kafka", "postgres"])
def test_a_killed_child_is_started_again_and_the_status_says_so(own: System, name: str) -> None:
    before = own.child(name)["pid"]
    own.kill(name)
    own.wait_until_back(name)
    assert own.child(name)["pid"] != before
    assert "killed by SIGKILL" in own.child(name)["note"]
    assert "killed by SIGKILL" in scrutiny("status", home=own.home.folder).stdout


def test_when_the_loader_is_killed_all_services_come_back(own: System) -> None:
    restarts = {name: own.child(name)["restarts"] for name in SERVICES}
    zygote = psutil.Process(own.child("intake")["pid"]).parent()
    assert zygote is not None
    zygote.kill()
    for name in SERVICES:
        own.wait_until_back(name, restarts=restarts[name] + 1)


async def test_killing_the_supervisor_takes_everything_along_and_keeps_the_data(
    own: System,
) -> None:
    everything = own.processes()
    everything[0].kill()
    assert gone(everything)
    own.start()
    connection = await asyncpg.connect(own.database_url("directory"))
    assert await connection.fetchval("SELECT count(*) FROM areas") == 32
    await connection.close()


def test_down_stops_everything_in_ten_seconds_and_leaves_no_process(own: System) -> None:
    everything = own.processes()
    began = time.monotonic()
    assert scrutiny("down", home=own.home.folder).returncode == 0
    assert time.monotonic() - began < STOP_SECONDS
    assert gone(everything, within=0.5)


def test_control_c_stops_everything_too(own: System, tmp_path: Path) -> None:
    output = tmp_path / "output"
    with output.open("w") as file:
        foreground = subprocess.Popen(
            [*COMMAND, "up", "--home", str(own.home.folder), *own.options],
            cwd=CHECKOUT,
            stdout=file,
            stderr=file,
            env=dict(os.environ),
        )
    deadline = time.monotonic() + 60
    while "Stop with Ctrl-C" not in output.read_text():
        assert foreground.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.05)
    everything = own.processes()
    foreground.send_signal(signal.SIGINT)
    assert foreground.wait(STOP_SECONDS) == 0, output.read_text()
    assert gone(everything[1:], within=0.5)
    assert "Stopped." in output.read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a network of its own")
def test_the_next_start_needs_no_network(own: System) -> None:
    assert own.home.supervisor_pid() is None
    alone = ("unshare", "--net", sys.executable, "-c", ALONE)
    started = subprocess.run(
        [*alone, *COMMAND, "up", "--detach", "--home", str(own.home.folder), *own.options],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert started.returncode == 0, started.stdout + started.stderr + own.logs()
    assert "Maven Central" not in started.stdout


@pytest.mark.parametrize("seconds", [0.6, 1.6])
def test_a_first_start_can_be_given_up_at_any_moment(tmp_path: Path, seconds: float) -> None:
    system = System(tmp_path / "home")
    first = subprocess.Popen(
        [*COMMAND, "up", "--home", str(system.home.folder), *system.options],
        cwd=CHECKOUT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    everything = psutil.Process(first.pid).children(recursive=True)
    first.send_signal(signal.SIGINT)
    first.wait(STOP_SECONDS)
    assert gone(everything, within=1)
    system.start().stop()
