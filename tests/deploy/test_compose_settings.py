"""Each of our containers is given every setting its process needs, and none that nobody reads."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from deploy.make_secrets import ISSUED_BY_OTHERS, make_secrets
from shared.process import MODES
from shared.settings import ServiceSettings
from tests.deploy.compose import (
    SERVICES,
    containers,
    filled_in,
    of_service,
    secrets_of,
)

PREFIX = "SCRUTINY_"
INSTALLATION = {
    "SCRUTINY_OIDC_ISSUER": "https://id.example.org/realms/scrutiny",
    "SCRUTINY_CONSOLE_URL": "https://scrutiny.example.org",
    "SCRUTINY_MAIL_FROM": "reminders@example.org",
    "SCRUTINY_SUPPORT_MAILBOX": "support@example.org",
    "SCRUTINY_PARTNERS": '[{"id": "fife", "organisation": "Fife", "areas": ["S12000047"]}]',
}
CONTAINERS = [(service, name) for service in SERVICES for name in of_service(service)]
each = pytest.mark.parametrize(("service", "name"), CONTAINERS, ids=str)


def settings_class(service: str) -> type[ServiceSettings]:
    """The settings of a service, as its process reads them."""
    return import_module(f"services.{service}.settings").Settings


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The secrets of one installation, those of others included."""
    folder = tmp_path_factory.mktemp("secrets")
    make_secrets(folder)
    for name in ISSUED_BY_OTHERS:
        (folder / name).write_text("issued-elsewhere")
    (folder / "mail_url").write_text("smtp://relay.example.org:25")
    return folder


@pytest.fixture
def settings(
    service: str,
    name: str,
    installation: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> ServiceSettings:
    """What the process in that container would read."""
    container = containers()[name]
    for variable, value in container["environment"].items():
        text = filled_in(value, INSTALLATION).replace("/run/secrets", str(tmp_path))
        monkeypatch.setenv(variable, text)
    for target, secret in secrets_of(container).items():
        (tmp_path / target).write_text((installation / secret).read_text())
    return settings_class(service)(_secrets_dir=tmp_path)  # pyright: ignore[reportCallIssue] - read from outside


def mode_of(name: str) -> str:
    """Which of a service's processes a container runs; the console's are one."""
    if name == "console":
        return "all"
    return {"migrate": "migrate", "worker": "worker"}.get(name.rpartition("-")[2], "app")


@each
def test_its_settings_can_be_read(service: str, settings: ServiceSettings) -> None:
    assert settings.service == service
    assert settings.embedded is False
    assert settings.database_url.get_secret_value().endswith(f"@postgres:5432/{service}")
    assert settings.oidc_client_id == service
    assert settings.oidc_client_secret


@each
def test_every_variable_is_one_that_it_reads(service: str, name: str) -> None:
    container = containers()[name]
    fields = {f"{PREFIX}{field}".lower() for field in settings_class(service).model_fields}
    given = {each.lower() for each in container["environment"] if each.startswith(PREFIX)}
    secrets = {target for target in secrets_of(container) if target.startswith(PREFIX.lower())}
    assert given | secrets <= fields


@each
def test_other_variables_are_those_of_opentelemetry(service: str, name: str) -> None:
    environment = containers()[name]["environment"]
    others = {variable for variable in environment if not variable.startswith(PREFIX)}
    assert all(variable.startswith("OTEL_") for variable in others)
    assert environment["OTEL_SERVICE_NAME"] == service


@each
def test_it_runs_a_process_of_its_service(service: str, name: str) -> None:
    assert containers()[name]["command"] == ["python", "-m", f"services.{service}", mode_of(name)]
    assert mode_of(name) in MODES
    assert find_spec(f"services.{service}.__main__")


@each
def test_its_process_can_be_put_together(
    service: str, name: str, settings: ServiceSettings
) -> None:
    parts = {"migrate": [], "app": ["app"], "worker": ["worker"], "all": ["app", "worker"]}
    for part in parts[mode_of(name)]:
        build = getattr(import_module(f"services.{service}.{part}"), f"build_{part}")
        assert build(settings)


@pytest.mark.parametrize("service", SERVICES)
def test_it_listens_where_the_others_call_it(service: str) -> None:
    port = containers()[service]["environment"]["SCRUTINY_HTTP_PORT"]
    assert settings_class(service).model_fields["http_port"].default == int(port)
    if service == "console":
        return
    addresses = {
        each["environment"][f"SCRUTINY_{service.upper()}_URL"]
        for owner in SERVICES
        for each in of_service(owner).values()
    }
    assert addresses == {f"http://{service}:{port}"}


@pytest.mark.parametrize("service", SERVICES)
def test_all_its_processes_have_the_same_settings(service: str) -> None:
    environments = [container["environment"] for container in of_service(service).values()]
    assert all(environment == environments[0] for environment in environments)
    assert all(
        container["depends_on"][f"{service}-migrate"]
        for name, container in of_service(service).items()
        if name != f"{service}-migrate"
    )
