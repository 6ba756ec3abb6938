"""Every import rule is broken, by name, by the one import that it is there to stop."""

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
NAMES = {rule["id"]: rule["name"] for rule in RULES}

HOUSE = [
    f"services/{service}/{room}"
    for service in ("intake", "deadlines")
    for room in (
        "app.py",
        "worker.py",
        "settings.py",
        "entrypoints/routes.py",
        "use_cases/receive.py",
        "storage/tables.py",
        "domain/rule.py",
    )
] + [
    "shared/areas.py",
    "shared/clock.py",
    "shared/errors.py",
    "shared/settings.py",
    "shared/access/tokens.py",
    "shared/confidential/fields.py",
    "shared/events/topics.py",
    "shared/messaging/outbox.py",
    "deploy/local/up.py",
]


@dataclass(frozen=True)
class Plant:
    """One import that must not be there."""

    rule: str
    where: str
    line: str


PLANTS = [
    Plant(
        "services-apart", "services/intake/use_cases/receive.py", "import services.deadlines.app"
    ),
    Plant("shared-below", "shared/settings.py", "import services.intake.settings"),
    Plant("shared-below", "shared/clock.py", "import deploy.local.up"),
    Plant("deploy-above", "services/intake/app.py", "import deploy.local.up"),
    Plant("rooms", "services/intake/domain/rule.py", "import services.intake.storage.tables"),
    Plant("rooms", "services/intake/storage/tables.py", "import services.intake.use_cases.receive"),
    Plant(
        "rooms", "services/intake/use_cases/receive.py", "import services.intake.entrypoints.routes"
    ),
    Plant("rooms", "services/intake/entrypoints/routes.py", "import services.intake.app"),
    Plant("rooms", "services/intake/app.py", "import services.intake.worker"),
    Plant("rooms", "services/intake/cupboard.py", "import services.intake.domain.rule"),
    Plant("domain-pure", "services/deadlines/domain/rule.py", "import sqlalchemy"),
    Plant("domain-pure", "services/deadlines/domain/rule.py", "from msgspec import Struct"),
    Plant("domain-shared", "services/intake/domain/rule.py", "import shared.settings"),
    Plant("events-pure", "shared/events/topics.py", "from aiokafka import AIOKafkaProducer"),
    Plant("events-pure", "shared/events/topics.py", "import shared.messaging.outbox"),
    Plant("verbs-deaf", "services/intake/use_cases/receive.py", "from litestar import Request"),
    Plant("verbs-deaf", "services/intake/storage/tables.py", "import faststream"),
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small system with every room and nothing in them, under the same rules."""
    for name in HOUSE:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    for folder in [*tmp_path.glob("*"), *tmp_path.glob("*/*"), *tmp_path.glob("*/*/*")]:
        if folder.is_dir():
            (folder / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_rules(folder: Path) -> set[str]:
    """The ids of the rules that the packages in `folder` break."""
    run = subprocess.run(
        [LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Contracts:" in run.stdout, run.stdout + run.stderr
    return {rule for rule, name in NAMES.items() if f"{name} BROKEN" in run.stdout}


def test_the_empty_house_breaks_no_rule(house: Path) -> None:
    assert broken_rules(house) == set()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.rule}: {plant.line}")
def test_a_planted_import_breaks_its_rule(house: Path, plant: Plant) -> None:
    (house / plant.where).write_text(plant.line + "\n")
    assert plant.rule in broken_rules(house)


def test_errors_the_clock_and_the_areas_are_open_to_domain(house: Path) -> None:
    allowed = "import shared.areas\nimport shared.errors\nfrom shared.clock import LONDON\n"
    (house / "services/intake/domain/rule.py").write_text(allowed)
    (house / "shared/clock.py").write_text("LONDON = 'Europe/London'\n")
    assert broken_rules(house) == set()


def test_every_rule_has_a_plant() -> None:
    assert {plant.rule for plant in PLANTS} == set(NAMES)


def test_the_system_itself_breaks_no_rule() -> None:
    assert broken_rules(ROOT) == set()
