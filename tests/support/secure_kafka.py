"""A Kafka that lets nobody in without TLS: by a password or a token at one port, by a certificate at another."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.kafka.topics import await_coordinator
from deploy.local.kafka import Kafka
from deploy.local.program import free_ports
from libs.kafka.cluster import Cluster, Sasl, Tls
from tests.support.certificates import Authority

USER, PASSWORD = "cart", "a-password-of-the-tests"
_LOGIN = "org.apache.kafka.common.security"


@dataclass(frozen=True)
class SecureKafka:
    """Where it listens, and the files that a client needs."""

    by_password: str
    by_certificate: str
    inside: str
    ca: Path
    cert: Path
    key: Path

    def cluster(self, mechanism: str, password: str = PASSWORD, **more: str) -> Cluster:
        """For a client that logs in."""
        return Cluster.of(self.by_password, Tls(self.ca), Sasl(mechanism, USER, password, **more))  # type: ignore[arg-type]

    def trusting(self) -> Cluster:
        """For a client that has a certificate."""
        return Cluster.of(self.by_certificate, Tls(self.ca, self.cert, self.key))


@contextlib.contextmanager
def secure_kafka(folder: Path) -> Iterator[SecureKafka]:
    """Runs for as long as the block."""
    folder.mkdir(parents=True, exist_ok=True)
    password_port, certificate_port, inside_port, controller_port = free_ports([0, 0, 0, 0])
    authority = Authority(folder)
    client = authority.issue("client")
    found = SecureKafka(
        f"127.0.0.1:{password_port}",
        f"127.0.0.1:{certificate_port}",
        f"127.0.0.1:{inside_port}",
        authority.file,
        *client,
    )
    settings = _settings(found, authority, controller_port)
    node = Kafka(folder / "node", password_port, controller_port, settings, formatting=_user())
    process = node.prepare().popen(sys.stdout.fileno())
    try:
        while not node.ready():
            assert process.poll() is None, "the broker ended at its start"
            asyncio.run(asyncio.sleep(0.05))
        asyncio.run(await_coordinator(found.inside))
        yield found
    finally:
        process.kill()
        process.wait()


def _settings(found: SecureKafka, authority: Authority, controller_port: int) -> dict[str, str]:
    cert, key = authority.issue("broker")
    store = cert.with_name("broker.both.pem")
    store.write_text(key.read_text() + cert.read_text())
    listeners = {"CLIENT": found.by_password, "CERT": found.by_certificate, "INSIDE": found.inside}
    told = ",".join(f"{name}://{at}" for name, at in listeners.items())
    users = f'{_LOGIN}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
    tokens = f'{_LOGIN}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";'
    return {
        "listeners": f"{told},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": told,
        "listener.security.protocol.map": "CLIENT:SASL_SSL,CERT:SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "INSIDE",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
        "listener.name.client.plain.sasl.jaas.config": users,
        "listener.name.client.scram-sha-256.sasl.jaas.config": f"{_LOGIN}.scram.ScramLoginModule required;",
        "listener.name.client.scram-sha-512.sasl.jaas.config": f"{_LOGIN}.scram.ScramLoginModule required;",
        "listener.name.client.oauthbearer.sasl.jaas.config": tokens,
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(store),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.file),
        "listener.name.cert.ssl.client.auth": "required",
    }


def _user() -> tuple[str, ...]:
    """For SCRAM the broker knows a user by what it keeps of the password; to tell it later takes two more JVMs."""
    kept = f"[name={USER},iterations=4096,password={PASSWORD}]"
    both = (("--add-scram", f"{mechanism}={kept}") for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"))
    return tuple(word for pair in both for word in pair)
