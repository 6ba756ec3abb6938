"""Containers are pinned, run as nobody, can change nothing but their data, and are watched."""

import re
import tomllib

import pytest

from deploy.make_secrets import ISSUED_BY_OTHERS, fresh
from tests.deploy.compose import (
    OURS,
    ROOT,
    Container,
    compose,
    containers,
    one_shot,
    secrets_of,
    texts,
    variables,
)

EXACT = re.compile(r"^[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+)?(@sha256:[0-9a-f]{64})?$")
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|CREDENTIAL|DATABASE_URL")
# Its image holds one program and no shell; nothing waits for it.
UNWATCHED = {"otel-collector"}
each = pytest.mark.parametrize("container", containers().values(), ids=list(containers()))


@each
def test_its_image_is_one_exact_version(container: Container) -> None:
    assert EXACT.match(container["image"])


def test_our_image_has_the_version_of_the_distribution() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    ours = {each["image"] for each in containers().values() if each["image"].startswith(OURS)}
    assert ours == {f"{OURS}{version}"}


@each
def test_it_does_not_run_as_root(container: Container) -> None:
    user, group = container["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0


@each
def test_it_can_gain_no_rights_and_change_no_program(container: Container) -> None:
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["read_only"] is True
    assert not container.keys() & {"privileged", "cap_add", "pid", "ipc", "network_mode", "devices"}


@each
def test_it_mounts_no_folder_of_the_machine_that_it_may_write_to(container: Container) -> None:
    mounts = [volume.split(":") for volume in container.get("volumes", [])]
    assert all(mount[-1] == "ro" for mount in mounts if mount[0].startswith((".", "/")))
    assert all(mount[0] in compose()["volumes"] for mount in mounts if mount[-1] != "ro")


@each
def test_it_may_use_so_much_and_no_more(container: Container) -> None:
    assert container["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}


@pytest.mark.parametrize("name", [name for name in containers() if name not in UNWATCHED])
def test_its_health_is_asked_for_unless_it_ends_by_itself(name: str) -> None:
    container = containers()[name]
    check = container.get("healthcheck", {})
    assert one_shot(container) or check["test"][0] == "CMD"


def test_one_network_leads_outside_and_only_ours_are_on_it() -> None:
    open_ = {name for name, network in compose()["networks"].items() if not network.get("internal")}
    on_it = [each for each in containers().values() if open_ & set(each["networks"])]
    assert open_ == {"outside"}
    assert all(each["image"].startswith(OURS) for each in on_it)


def test_only_the_console_is_published_and_on_loopback_only() -> None:
    published = {name: each["ports"] for name, each in containers().items() if "ports" in each}
    assert published.keys() == {"console"}
    assert all(port.startswith("127.0.0.1:") for port in published["console"])


@each
def test_no_secret_is_in_its_environment(container: Container) -> None:
    environment = container.get("environment", {})
    named = {name for name in environment if SECRET_NAME.search(name)}
    assert {name for name in named if not environment[name].startswith("/run/secrets/")} == set()


def test_no_address_in_the_file_carries_a_password() -> None:
    assert [text for text in texts(compose()) if re.search(r"://[^/\s]+:[^/\s]+@", text)] == []


@each
def test_its_secrets_are_declared(container: Container) -> None:
    if "secrets" in container:
        assert set(secrets_of(container).values()) <= compose()["secrets"].keys()


def test_every_secret_is_written_by_our_command_or_issued_by_others_and_is_used() -> None:
    declared = compose()["secrets"]
    used = {
        secret
        for container in containers().values()
        if "secrets" in container
        for secret in secrets_of(container).values()
    }
    assert declared.keys() == fresh().keys() | set(ISSUED_BY_OTHERS)
    assert declared.keys() == used
    assert all(entry["file"].endswith(f"/{name}") for name, entry in declared.items())


def test_secrets_and_the_filled_in_environment_are_never_committed() -> None:
    assert {"secrets/", ".env"} <= set((ROOT / ".gitignore").read_text().split())


def test_every_variable_of_the_file_is_in_the_example() -> None:
    example = (ROOT / "deploy/.env.example").read_text()
    offered = set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    assert {name for text in texts(compose()) for name in variables(text)} == offered


@each
def test_what_it_waits_for_exists_and_can_become_so(container: Container) -> None:
    for name, wait in container.get("depends_on", {}).items():
        ends = one_shot(containers()[name])
        expected = "service_completed_successfully" if ends else "service_healthy"
        assert wait["condition"] == expected
