"""Kafka's jars: exactly those of the checked-in lock, fetched once and held to their SHA-256."""

import hashlib
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.cache import cache_folder
from deploy.local.failures import StackFailure, Unreachable, disk_full, is_disk_full

LOCK = Path(__file__).with_name("kafka.lock.toml")
Say = Callable[[str], None]


def unheard(_text: str) -> None:
    """The ear of those who do not watch."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked artifact of Maven Central."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def filename(self) -> str:
        """Its name in the cache, the same on every machine."""
        return f"{self.artifact}-{self.version}.jar"


def locked_jars() -> tuple[Jar, ...]:
    """What the lock names, in class-path order."""
    entries = tomllib.loads(LOCK.read_text())["dependencies"]
    return tuple(
        Jar(one["groupId"], one["artifactId"], one["version"], one["sha256"]) for one in entries
    )


def class_path(say: Say) -> list[Path]:
    """Every jar of the lock on disk; the ones that are missing are fetched and checked first."""
    folder = cache_folder() / "jars"
    jars = locked_jars()
    missing = [jar for jar in jars if not (folder / jar.filename).exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch_all(missing, folder, say)
    return [folder / jar.filename for jar in jars]


def _fetch_all(jars: list[Jar], folder: Path, say: Say) -> None:
    with (
        tempfile.TemporaryDirectory(dir=folder) as download,
        ThreadPoolExecutor(max_workers=8) as threads,
    ):
        fetched = threads.map(lambda jar: _fetch(jar, Path(download), folder), jars)
        for done, _ in enumerate(fetched, start=1):
            if done % 15 == 0 or done == len(jars):
                say(f"Kafka: fetched {done} of {len(jars)} files from Maven Central")


def _fetch(jar: Jar, download: Path, folder: Path) -> None:
    file = _download(jar, download)
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != jar.sha256:
        raise StackFailure(
            f"{jar.filename} came from Maven Central with another content than the lock names "
            f"(SHA-256 {found}, expected {jar.sha256}); it was thrown away."
        )
    # A rename within one folder: a jar is either there whole or not at all.
    shutil.move(file, folder / jar.filename)


def _download(jar: Jar, into: Path) -> Path:
    # Imported here: needed once in the life of a cache, and slow to import.
    import requests
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=into, local_repos=[], timeout=30)
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    try:
        return artifact.resolve()
    except (requests.RequestException, RuntimeError) as error:
        raise Unreachable(
            f"Maven Central did not hand out {jar.filename}, which Apache Kafka needs once: "
            "check the network or the proxy settings and start again."
        ) from error
    except OSError as error:
        if is_disk_full(error):
            raise disk_full(into) from error
        raise
