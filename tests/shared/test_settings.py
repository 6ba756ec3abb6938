"""Settings come from the environment, and never show what is secret."""

import pytest
from pydantic import ValidationError

from shared.settings import ServiceSettings

SECRETS = {
    "SCRUTINY_DATABASE_URL": "postgresql://intake:hunter2@db/intake",
    "SCRUTINY_FIELD_KEYS": "k:c2VjcmV0",
    "SCRUTINY_OIDC_CLIENT_SECRET": "hunter3",
    "SCRUTINY_KAFKA_SASL_PASSWORD": "hunter4",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {"SCRUTINY_SERVICE": "intake", "SCRUTINY_OIDC_ISSUER": "https://issuer.example.org"}
    for name, value in (SECRETS | plain).items():
        monkeypatch.setenv(name, value)


def load() -> ServiceSettings:
    return ServiceSettings()  # pyright: ignore[reportCallIssue]


def test_they_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUTINY_HTTP_PORT", "8001")
    settings = load()
    assert settings.http_port == 8001
    assert settings.database_url.get_secret_value() == SECRETS["SCRUTINY_DATABASE_URL"]


def test_printing_them_shows_no_secret() -> None:
    shown = f"{load()} {load()!r} {load().model_dump()} {load().model_dump_json()}"
    for secret in SECRETS.values():
        assert secret not in shown


def test_a_wrong_one_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUTINY_HTTP_PORT", "hunter5")
    with pytest.raises(ValidationError, match="http_port") as refused:
        load()
    assert "hunter5" not in str(refused.value)


def test_a_missing_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SCRUTINY_DATABASE_URL")
    with pytest.raises(ValidationError, match="database_url"):
        load()


def test_they_do_not_change_while_running() -> None:
    with pytest.raises(ValidationError):
        load().http_port = 1
