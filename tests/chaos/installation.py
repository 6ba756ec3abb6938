"""The console with its issuer, and the four services behind it, each on a database of its own."""

import importlib
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from deploy.local.ports import free_ports
from services.console.app import build_app
from shared.web.app import ServiceApp
from tests.access_kit import KEY, service_settings
from tests.chaos.attacked_app import AttackedApp
from tests.conftest import FreshDatabase
from tests.console.console_kit import console_settings
from tests.serving import served

SERVICES = ("intake", "deadlines", "directory", "inspections")
SECRET = "a-secret-between-services"


class Installation:
    """Everything that one service may ask is there, and answers over the network."""

    def __init__(self, databases: FreshDatabase, folder: Path) -> None:
        self._databases, self._folder = databases, folder
        ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
        self._urls = {f"{name}_url": f"http://127.0.0.1:{port}" for name, port in ports.items()}
        clients = ",".join(f"{name}:{SECRET}" for name in SERVICES)
        self.settings = console_settings(
            folder, databases("console"), issuer_clients=f"console:{SECRET},{clients}", **self._urls
        )
        self._trust_tests_too()
        self.console = AttackedApp(build_app(self.settings))
        self._behind = AsyncExitStack()
        self._serve(self.console.app, self.settings.http_port)
        for name, port in ports.items():
            self._serve(self.built(name), port)

    def built(self, service: str) -> ServiceApp:
        """One more of a service, on a database of its own."""
        settings = service_settings(
            importlib.import_module(f"services.{service}.settings").Settings,
            database_url=self._databases(service),
            files_url=(self._folder / "files").as_uri(),
            oidc_issuer=self.settings.oidc_issuer,
            oidc_jwks=str(self._folder / "both.json"),
            oidc_client_id=service,
            oidc_client_secret=SECRET,
            **self._urls,
        )
        return importlib.import_module(f"services.{service}.app").build_app(settings)

    def close(self) -> None:
        """Stops everything."""
        self.console.run(self._behind.aclose())
        self.console.close()

    def _trust_tests_too(self) -> None:
        """Tokens of the issuer are taken, and those that tests sign in its name."""
        keys = json.loads((self._folder / "jwks.json").read_text())["keys"]
        both: dict[str, Any] = {"keys": [*keys, KEY.as_dict(private=False)]}
        (self._folder / "both.json").write_text(json.dumps(both))

    def _serve(self, app: ServiceApp, port: int) -> None:
        self.console.run(self._behind.enter_async_context(served(app, port)))
