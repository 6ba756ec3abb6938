"""What one start is asked for, and what has to hold before anything is started."""

import os
from dataclasses import dataclass

from deploy.local.addresses import SERVICES, Ports
from deploy.local.failures import LEAST_FREE_BYTES, require_space
from deploy.local.home import Home, write_json
from deploy.local.keys import ensure_keys
from deploy.local.ports import require_free


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start, and where; with `bus` or `database` those servers exist already.

    Services in `without` get their database and their port, and are started by somebody else.
    """

    home: Home
    ports: Ports
    bus: str | None = None
    database: str | None = None
    without: tuple[str, ...] = ()

    @property
    def services(self) -> tuple[str, ...]:
        """Those that this start looks after."""
        return tuple(service for service in SERVICES if service not in self.without)


def make_ready(plan: Plan) -> None:
    """Checks the disk and the ports, makes the keys, and remembers the plan for other commands."""
    least = os.environ.get("SCRUTINY_LEAST_FREE_MB")
    require_space(plan.home.folder, int(least) * 2**20 if least else LEAST_FREE_BYTES)
    for name, port in _listening(plan):
        require_free(port, name)
    ensure_keys(plan.home)
    told = {"ports": plan.ports.as_dict(), "bus": plan.bus, "external": bool(plan.database)}
    write_json(plan.home.settings_file, told)


def _listening(plan: Plan) -> list[tuple[str, int]]:
    """Every port this plan needs, named as its owner is named to people."""
    ports = plan.ports
    wanted = [(name, ports.of(name)) for name in plan.services]
    if plan.bus is None:
        wanted += [("Kafka", ports.bus), ("Kafka's controller", ports.controller)]
        wanted += [("Kafka's listener for partners", ports.partners)]
    if plan.database is None:
        wanted += [("PostgreSQL", ports.database)]
    return wanted
