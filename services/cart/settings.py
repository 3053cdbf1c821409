"""What the cart service can be told through its environment; every name begins with `CART_`."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, PrivateAttr, model_validator
from pydantic_settings import SettingsConfigDict

from libs.runtime.settings import ServiceSettings, SigningSecrets
from services.cart.domain.customers.opt_in import OptIns
from services.cart.domain.store import SecretKey, Store, StoreId

OUR_NETWORKS = tuple(
    ip_network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
"""Loopback and private networks: whoever calls from there is a proxy of ours, or one of us."""


class CartSettings(ServiceSettings):
    """`stores` maps store ids to stores; `stores_dir` is a folder with a file for each of others. The first of
    `token_secret` signs guests' tokens and links, what the others have signed is still good.

    `ops_keys` open every store and the installation, with all scopes; `look_keys` let the notifier take the last look
    at any store's carts, and nothing else: none of them is a key of ops or of a store, too.
    `allow_occurred_at` lets callers date their changes, to replay recorded traffic; refused in production.
    `trusted_proxies` are the networks from which X-Forwarded-For is believed. At a port that it `shares_port` other
    processes may listen too, each of which gets some of the connections (`api --workers N` sets it).
    `opt_ins` are the countries that want an e-mail address asked before it is written to: `shipped`, or a file.
    """

    model_config = SettingsConfigDict(env_prefix="CART_", extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    shares_port: bool = False
    stores: dict[StoreId, Store] = Field(default={})
    stores_dir: Path | None = None
    token_secret: SigningSecrets
    ops_keys: tuple[SecretKey, ...] = ()
    look_keys: tuple[SecretKey, ...] = ()
    allow_occurred_at: bool = False
    rate_limits: bool = True
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = OUR_NETWORKS
    opt_ins: Literal["shipped"] | Path = "shipped"

    _opt_ins: OptIns = PrivateAttr()

    def read_opt_ins(self) -> OptIns:
        """The countries that want an address asked, as they were when the settings were read."""
        return self._opt_ins

    @property
    def places(self) -> tuple[str, int, tuple[str, int] | None]:
        """Where the API is, and its ops paths where they are apart."""
        return self.host, self.port, self.ops_place

    def of_worker(self, number: int) -> dict[str, str]:
        """What the environment of a worker has beside that of all: each shows its own figures, at a port of its own."""
        port = self.health_port + number if self.health_port else 0
        return {"CART_SHARES_PORT": "true", "CART_OPS_PATHS": "apart", "CART_HEALTH_PORT": str(port)}

    @model_validator(mode="after")
    def _opt_ins_can_be_followed(self) -> Self:
        self._opt_ins = OptIns.read() if self.opt_ins == "shipped" else OptIns.read(self.opt_ins)
        return self

    @model_validator(mode="after")
    def _providers_are_asked_in_private(self) -> Self:
        urls = [store.jwks_url or "https:" for store in self.stores.values()]
        if self.mode == "production" and not all(url.startswith("https:") for url in urls):
            raise ValueError("jwks_url is https outside of local mode")
        return self

    @model_validator(mode="after")
    def _stores_come_from_somewhere(self) -> Self:
        if not self.stores and self.stores_dir is None and not self.ops_keys:
            raise ValueError("no stores: set CART_STORES or CART_STORES_DIR, or CART_OPS_KEYS to make them by the API")
        return self

    @model_validator(mode="after")
    def _keys_for_looks_only_look(self) -> Self:
        if not set(self.look_keys).isdisjoint(self.ops_keys):
            raise ValueError("look_keys: one of them is in ops_keys, too")
        if shared := sorted(
            name for name, store in self.stores.items() if set(store.secret_keys) & set(self.look_keys)
        ):
            raise ValueError(f"look_keys: one of them is a secret key of the store {shared[0]}, too")
        return self

    @model_validator(mode="after")
    def _production_has_one_clock(self) -> Self:
        if self.allow_occurred_at and self.mode == "production":
            raise ValueError("allow_occurred_at is for recorded traffic in local mode")
        return self
