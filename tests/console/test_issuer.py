"""The development issuer exists in the embedded stack on one machine, and nowhere else."""

from pathlib import Path

import pytest

from services.console.app import build_app
from services.console.issuer.issuer import Issuer, IssuerRefused
from services.console.issuer.people import PEOPLE
from services.console.settings import Settings
from shared.access.principal import Role
from shared.access.tokens import token_verifier
from shared.clock import utc_now
from tests.console.console_kit import console_settings

URL = "postgresql://nobody@127.0.0.1:1/nothing"


def with_(folder: Path, **given: object) -> Settings:
    """Settings of a console that is built and never started."""
    return console_settings(folder, URL, **given)


def test_it_refuses_to_start_outside_the_embedded_stack(tmp_path: Path) -> None:
    with pytest.raises(IssuerRefused, match="not the embedded stack"):
        build_app(with_(tmp_path, embedded=False))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])  # noqa: S104 - to be refused
def test_it_refuses_to_start_where_others_could_reach_it(tmp_path: Path, host: str) -> None:
    with pytest.raises(IssuerRefused, match="on this machine only"):
        build_app(with_(tmp_path, http_host=host))


def test_it_refuses_keys_that_cannot_sign(tmp_path: Path) -> None:
    settings = with_(tmp_path)
    public = tmp_path / "jwks.json"
    with pytest.raises(IssuerRefused, match="no private signing keys"):
        Issuer.of(settings.model_copy(update={"issuer_keys": str(public)}))


def test_without_keys_there_is_no_issuer_and_nothing_under_its_address(tmp_path: Path) -> None:
    app = build_app(with_(tmp_path, embedded=False, issuer_keys=None))
    assert not any(route.path.startswith("/issuer") for route in app.routes)


async def test_services_believe_its_tokens(tmp_path: Path) -> None:
    settings = with_(tmp_path)
    issuer = Issuer.of(settings)
    assert issuer is not None
    verifier = token_verifier(settings)
    for person in PEOPLE.values():
        found = await verifier.principal(issuer.person_token(person, utc_now()))
        assert found.roles == {person.role}
        assert (found.name, found.organisation) == (person.name, person.organisation)
        assert found.areas == (None if person.areas == "*" else set(person.areas))
    service = await verifier.principal(issuer.service_token("intake", utc_now()))
    assert service.roles == {Role.SERVICE}


async def test_its_key_set_shows_public_halves_only(tmp_path: Path) -> None:
    issuer = Issuer.of(with_(tmp_path))
    assert issuer is not None
    (key,) = issuer.public_keys()["keys"]
    assert key["kid"] == "issuer-1"
    assert "d" not in key
