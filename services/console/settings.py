"""What the console can be told through its environment (prefix `CONSOLE_`)."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from libs.contracts.message_rules import Address
from libs.http.server_keys import NamedKey, refuse_unknown_scopes
from libs.runtime.settings import ServiceSettings
from services.console.domain.sessions import Lasting

SCOPES = ("figures:read", "figures:write")
"""What keys may be for."""
OUR_NETWORKS = tuple(
    ip_network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
"""Loopback and private networks: whoever calls from there is a proxy of ours, or one of us."""
Keys = dict[str, SecretStr | tuple[NamedKey, ...]]


class ConsoleSettings(ServiceSettings):
    """`keys` maps store ids (`*`: every store) to a key with which servers may read figures, or to keys with names and
    scopes: only such a key changes by what they are counted.
    `raw_days` is for how long clicks, decisions and orders are known one by one, so that a changed window recounts
    them; sums of days stay. `sums_seconds` is for how long figures may be older than what was read.

    Pages ask the other services at `cart_url`, `trigger_url` and `notifier_url`, with a key for each store (`*`: every
    store) of `cart_keys`, `trigger_keys` and `notifier_keys`; where one is missing they say so. `first_link` is the
    secret of the link `/come/<first_link>` by which the first person comes, who is an owner; it is worth nothing after.
    People log in at `oidc_issuer` where that is set, and come back to `public_url`. A log-in that is left alone ends
    after `idle_hours`, any after `log_in_hours`. `trusted_proxies` are the networks from which X-Forwarded-For is
    believed.

    `processes` are all that are asked how they are, as `cart-relay=http://cart-relay:8080`: the service's name comes
    first. When something is wrong, and
    when it is over, a mail goes from `mail_from` to `ops_mail`, by the relay at `smtp_host`.
    """

    model_config = SettingsConfigDict(env_prefix="CONSOLE_", extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8004, ge=0, le=65535)
    keys: Keys = Field(default={})
    raw_days: float = Field(default=400, ge=90)
    sums_seconds: float = Field(default=2, gt=0, le=600)
    cart_url: str = Field(default="http://127.0.0.1:8080", pattern=r"^https?://")
    trigger_url: str = Field(default="http://127.0.0.1:8002", pattern=r"^https?://")
    notifier_url: str = Field(default="http://127.0.0.1:8003", pattern=r"^https?://")
    cart_keys: dict[str, SecretStr] = Field(default={})
    trigger_keys: dict[str, SecretStr] = Field(default={})
    notifier_keys: dict[str, SecretStr] = Field(default={})
    first_link: SecretStr | None = Field(default=None, min_length=24)
    public_url: str = Field(default="", pattern=r"^(https?://[!-~]+)?$")
    oidc_issuer: str = Field(default="", pattern=r"^(https?://[!-~]+)?$")
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    idle_hours: float = Field(default=12, gt=0, le=720)
    log_in_hours: float = Field(default=168, gt=0, le=2160)
    processes: tuple[Annotated[str, Field(pattern=r"^[a-z]+(-[a-z0-9]+)*=https?://[!-~]+$")], ...] = ()
    ops_mail: tuple[Address, ...] = ()
    mail_from: Address | None = None
    smtp_host: str = ""
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = True
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = OUR_NETWORKS

    @property
    def raw(self) -> timedelta:
        """For how long what happened is known one by one."""
        return timedelta(days=self.raw_days)

    @property
    def process_urls(self) -> dict[str, str]:
        """Where each process is, by its name."""
        return {name: url for name, _, url in (one.partition("=") for one in self.processes)}

    @property
    def lasting(self) -> Lasting:
        """How long log-ins last."""
        return Lasting(timedelta(hours=self.idle_hours), timedelta(hours=self.log_in_hours))

    @model_validator(mode="after")
    def _provider_is_known_wholly(self) -> Self:
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret and self.public_url):
            raise ValueError("oidc_issuer needs oidc_client_id, oidc_client_secret and public_url")
        if self.ops_mail and not (self.smtp_host and self.mail_from):
            raise ValueError("ops_mail needs smtp_host and mail_from")
        if self.mode == "production" and "http://" in (self.oidc_issuer[:7], self.public_url[:7]):
            raise ValueError("public_url and oidc_issuer are https in production")
        return self

    @field_validator("keys")
    @classmethod
    def _scopes_exist(cls, keys: Keys) -> Keys:
        refuse_unknown_scopes(keys, SCOPES)
        return keys
