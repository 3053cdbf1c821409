"""Which cluster, and how to be let in: what every client is made from."""

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]

_BROKER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:,\[\]]+)(:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Tls:
    """`ca_file` stands for the system's certificates where it is given; `cert_file` is for brokers who ask for one."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    key_password: str | None = field(default=None, repr=False)

    def context(self) -> ssl.SSLContext:
        """Read anew for each client, as certificates are renewed. Raises `OSError` (also for what is in a file)."""
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.cert_file:
            context.load_cert_chain(self.cert_file, self.key_file, self.key_password or "")
        return context


@dataclass(frozen=True, slots=True)
class Sasl:
    """`username` and `password` are a client's id and secret where tokens are fetched (OAUTHBEARER)."""

    mechanism: Mechanism
    username: str
    password: str = field(repr=False)
    token_url: str = ""
    token_scope: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Some of a cluster's brokers, `host:port` each; a client learns of the others from whichever answers first."""

    brokers: tuple[str, ...]
    tls: Tls | None = None
    sasl: Sasl | None = None

    @classmethod
    def of(cls, brokers: str, tls: Tls | None = None, sasl: Sasl | None = None) -> Self:
        """The cluster of `host:port,host:port`. Raises `ValueError` where that is not what stands there."""
        names = tuple(name.strip() for name in brokers.split(","))
        if not all(_BROKER.fullmatch(name) for name in names):
            raise ValueError("brokers are host:port, or several with commas between them")
        return cls(names, tls, sasl)

    def __str__(self) -> str:
        """For people: where, and nothing of how."""
        return ",".join(self.brokers)

    def options(self) -> dict[str, Any]:
        """What aiokafka's clients are told. Raises `OSError` where a certificate can't be read."""
        protocol = ("SASL_" if self.sasl else "") + ("SSL" if self.tls else "PLAINTEXT")
        told: dict[str, Any] = {"bootstrap_servers": list(self.brokers), "security_protocol": protocol}
        if self.tls:
            told["ssl_context"] = self.tls.context()
        if self.sasl:
            told |= self._log_in(self.sasl)
        return told

    def _log_in(self, sasl: Sasl) -> dict[str, Any]:
        if sasl.mechanism != "OAUTHBEARER":
            names = {"sasl_plain_username": sasl.username, "sasl_plain_password": sasl.password}
            return {"sasl_mechanism": sasl.mechanism, **names}
        from libs.kafka.tokens import ClientCredentials  # aiokafka is not for whoever only reads settings

        return {
            "sasl_mechanism": sasl.mechanism,
            "sasl_oauth_token_provider": ClientCredentials(sasl, self.tls.ca_file if self.tls else None),
        }


Servers = Cluster | str
"""A cluster, or the brokers of one that lets everybody in."""


def cluster_of(servers: Servers) -> Cluster:
    """The cluster that is meant. Raises `ValueError` for a text that names no brokers."""
    return servers if isinstance(servers, Cluster) else Cluster.of(servers)
