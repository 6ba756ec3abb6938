"""Which loopback ports the local system uses."""

from dataclasses import asdict, dataclass

SERVICES = ("intake", "deadlines", "directory", "inspections", "console")
SAMPLE_PARTNERS = ({"id": "fife", "organisation": "Fife Council", "areas": ["S12000047"]},)
PARTNERS = tuple(str(partner["id"]) for partner in SAMPLE_PARTNERS)


@dataclass(frozen=True, slots=True)
class Ports:
    """One port for everything that listens."""

    console: int = 8000
    intake: int = 8001
    deadlines: int = 8002
    directory: int = 8003
    inspections: int = 8004
    bus: int = 9092
    controller: int = 9093
    partners: int = 9094
    database: int = 55432

    @classmethod
    def from_base(cls, base: int) -> "Ports":
        """Nine ports in a row."""
        return cls(*range(base, base + 9))

    def of(self, service: str) -> int:
        """The HTTP port of one service."""
        return int(getattr(self, service))

    def url(self, service: str) -> str:
        """Where a service is reached on this machine."""
        return f"http://127.0.0.1:{self.of(service)}"

    def as_dict(self) -> dict[str, int]:
        """Name by name, to be kept in the state folder."""
        return asdict(self)

    @property
    def issuer(self) -> str:
        """The development issuer's name, which is also where it answers."""
        return f"{self.url('console')}/issuer"
