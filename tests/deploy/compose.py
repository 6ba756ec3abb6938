"""The compose file, read as tests ask about it."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
OVERLAY = ROOT / "deploy/kafka/partners.compose.yml"
OURS = "strategic-scrutiny:"
SERVICES = ("intake", "deadlines", "directory", "inspections", "console")

Container = dict[str, Any]
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<rest>[^}]*))?\}")


@cache
def compose() -> dict[str, Any]:
    """The whole file, anchors and merges resolved."""
    return yaml.safe_load(FILE.read_text())


def containers() -> dict[str, Container]:
    """Every container by name."""
    return compose()["services"]


def one_shot(container: Container) -> bool:
    """A container that does its work and ends."""
    return container["restart"] == "no"


def of_service(service: str) -> dict[str, Container]:
    """A service's containers: its migration, its HTTP process and, where it has one, its worker."""
    names = (f"{service}-migrate", service, f"{service}-worker")
    return {name: containers()[name] for name in names if name in containers()}


def secrets_of(container: Container) -> dict[str, str]:
    """The names under which a container finds its secrets, and which secret each is."""
    entries = [{"source": each} if isinstance(each, str) else each for each in container["secrets"]]
    return {entry.get("target", entry["source"]): entry["source"] for entry in entries}


def variables(text: str) -> dict[str, str | None]:
    """What a value takes from the installation's `.env`, with its default; null is required."""
    found = _VARIABLE.finditer(text)
    return {each["name"]: each["rest"] if each["how"] == "-" else None for each in found}


def filled_in(text: str, given: dict[str, str]) -> str:
    """A value as the container gets it, with this `.env`."""

    def value(match: re.Match[str]) -> str:
        return given.get(match["name"]) or (match["rest"] if match["how"] == "-" else "") or ""

    return _VARIABLE.sub(value, text)


def texts(part: Any) -> list[str]:
    """Every text anywhere in a part of the file."""
    if isinstance(part, dict):
        return [text for value in part.values() for text in texts(value)]
    if isinstance(part, list):
        return [text for value in part for text in texts(value)]
    return [part] if isinstance(part, str) else []
