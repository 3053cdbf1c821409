"""What a local stack is: its ports, URLs, stores and secrets, kept as `stack.json` in its state folder."""

import secrets
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from deploy.local.errors import LocalStackError
from deploy.local.program import free_ports
from libs.kafka.cluster import Cluster
from libs.kafka.settings import cluster_from

FILE = "stack.json"


def _secret() -> str:
    return secrets.token_urlsafe(32)


def _key() -> str:
    return f"sk_{_secret()}"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Ports(_Strict):
    """TCP ports on the loopback; 0 is one that has not been chosen yet."""

    cart: int = 0
    playground: int = 0
    notifier: int = 0
    smtp: int = 0
    postgres: int = 0
    kafka: int = 0
    kafka_controller: int = 0
    kafka_2: int = 0
    kafka_2_controller: int = 0
    kafka_3: int = 0
    kafka_3_controller: int = 0
    cart_relay_health: int = 0
    trigger_health: int = 0
    console: int = 0

    @classmethod
    def settle(cls, wanted: "Ports") -> Self:
        """The wanted ports where they are still free, others where they are not."""
        ports = wanted.model_dump()
        return cls(**dict(zip(ports, free_ports(list(ports.values())), strict=True)))

    def moved_from(self, before: "Ports") -> list[tuple[str, int, int]]:
        """The ports that were chosen before and are others now: whose, which it was, which it is."""
        was, now = before.model_dump(), self.model_dump()
        return [(name, was[name], now[name]) for name in now if was[name] not in (0, now[name])]


class Secrets(_Strict):
    """Random for each stack; the file that holds them is readable by its owner only."""

    postgres_password: str = Field(default_factory=_secret)
    cart_token_secret: str = Field(default_factory=_secret)
    link_secret: str = Field(default_factory=_secret)
    ops_key: str = Field(default_factory=_key)
    look_key: str = Field(default_factory=_key)
    console_key: str = Field(default_factory=_key)
    console_first_link: str = Field(default_factory=_secret)
    twilio_account_sid: str = Field(default_factory=lambda: f"AC{secrets.token_hex(16)}")
    twilio_auth_token: str = Field(default_factory=lambda: secrets.token_hex(16))


class Store(_Strict):
    """A store of the stack, and the keys with which its shoppers (JWT, HS256) and its servers (sk_…) are known."""

    name: str
    currency: str = "EUR"
    locale: str = "en"
    jwt_key: str = Field(default_factory=_secret)
    secret_key: str = Field(default_factory=_key)


def _stores() -> dict[str, Store]:
    return {"demo": Store(name="Lantern & Loom"), "replay": Store(name="Recorded traffic")}


class Stack(_Strict):
    """A stack, running or not. `name` sets it apart where it shares servers; `external_*` are servers of others."""

    state: Path
    name: str = Field(default_factory=lambda: f"evercart_{secrets.token_hex(4)}")
    ports: Ports = Field(default_factory=Ports)
    secrets: Secrets = Field(default_factory=Secrets)
    stores: dict[str, Store] = Field(default_factory=_stores)
    external_postgres: str | None = None
    external_kafka: str | None = None
    kafka_access: dict[str, str] = Field(default_factory=dict)
    """How an external Kafka lets clients in, as variables: KAFKA_TLS and so on."""
    brokers: int = 1
    """Of the stack's own Kafka: one, or three of which any two carry on."""
    external_replication: int = 1

    @classmethod
    def load(cls, state: Path) -> Self:
        """Read the stack of a state folder; raises `LocalStackError` where there is none."""
        try:
            return cls.model_validate_json((state / FILE).read_text()).model_copy(update={"state": state})
        except FileNotFoundError:
            raise LocalStackError(f"There is no stack in {state}; `evercart up` makes one.") from None
        except ValueError as error:
            raise LocalStackError(f"{state / FILE} cannot be read ({error}); delete {state} to begin anew.") from error

    def save(self) -> None:
        """Write it, for its owner's eyes only."""
        partial = self.state / f"{FILE}.partial"
        partial.touch(mode=0o600)
        partial.write_text(self.model_dump_json(indent=2) + "\n")
        partial.rename(self.state / FILE)

    @property
    def cart_url(self) -> str:
        """Base of the cart API."""
        return f"http://127.0.0.1:{self.ports.cart}"

    @property
    def playground_url(self) -> str:
        """Base of the shop and inbox pages, of the inbox's JSON API and of Twilio's stand-in."""
        return f"http://127.0.0.1:{self.ports.playground}"

    @property
    def notifier_url(self) -> str:
        """Base of the notifier's web role (unsubscribe links)."""
        return f"http://127.0.0.1:{self.ports.notifier}"

    @property
    def trigger_url(self) -> str:
        """Base of what the trigger answers: health, and what it holds on a customer."""
        return f"http://127.0.0.1:{self.ports.trigger_health}"

    @property
    def console_url(self) -> str:
        """Base of the figures and of the console's pages."""
        return f"http://127.0.0.1:{self.ports.console}"

    @property
    def console_first_link(self) -> str:
        """Where the console's first person comes in and chooses a password; it works until there is one."""
        return f"{self.console_url}/come/{self.secrets.console_first_link}"

    @property
    def shop_url(self) -> str:
        """The shop, for a browser."""
        return f"{self.playground_url}/shop"

    @property
    def inbox_url(self) -> str:
        """The inbox, for a browser."""
        return f"{self.playground_url}/inbox"

    @property
    def stores_dir(self) -> Path:
        """Folder of the cart service's stores, one file each; it reads a changed file again."""
        return self.state / "stores"

    @property
    def campaigns(self) -> Path:
        """Folder of the campaign files, one a store; the trigger reads a changed file again."""
        return self.state / "campaigns"

    @property
    def bootstrap(self) -> str:
        """Kafka's address, or several with commas between them."""
        return self.external_kafka or ",".join(f"127.0.0.1:{port}" for port, _ in self.broker_ports)

    @property
    def broker_ports(self) -> list[tuple[int, int]]:
        """For each of the stack's own brokers its port and that of its controller."""
        ports = self.ports
        known = (
            (ports.kafka, ports.kafka_controller),
            (ports.kafka_2, ports.kafka_2_controller),
            (ports.kafka_3, ports.kafka_3_controller),
        )
        return list(known[: self.brokers])

    @property
    def replication(self) -> int:
        """How many replicas each partition is to have."""
        return self.external_replication if self.external_kafka else self.brokers

    @property
    def kafka_env(self) -> dict[str, str]:
        """What a program is told of the cluster."""
        return {"KAFKA_BOOTSTRAP": self.bootstrap, **self.kafka_access}

    @property
    def cluster(self) -> Cluster:
        """The cluster, for clients."""
        return cluster_from(self.kafka_env)

    @property
    def topic_prefix(self) -> str:
        """Before every topic and consumer group: empty, unless Kafka is shared with others."""
        return f"{self.name}." if self.external_kafka else ""
