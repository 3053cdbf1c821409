"""What the notifier can be told through its environment (prefix `NOTIFIER_`); each provider has settings of its own."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from libs.http.server_keys import NamedKey, refuse_unknown_scopes
from libs.policy.settings import LawSettings
from libs.policy.store_rules import unset_rules
from libs.runtime.settings import SigningSecrets

SCOPES = ("messages:read", "messages:write", "templates:read", "templates:write", "contents:read")
"""What keys may be for."""
Keys = dict[str, SecretStr | tuple[NamedKey, ...]]
_PER_SECOND = 50.0
_LEASE_S, _LOCAL_LEASE_S = 180.0, 20.0


class NotifierSettings(LawSettings):
    """Where the notifier finds its neighbours. The stores that it speaks for are described by the cart service.

    `cart_key` is a key of the cart service with the scope `looks:read`. `keys` maps store ids (`*`: every store) to the
    keys with which servers may ask here, or to keys with names and scopes, which alone hand messages over and change
    templates; never `cart_key`, which everybody who may look would have. `templates_dir`
    holds the stores' own templates. `chromium` is the browser that takes pictures of messages for a preview.

    `in_flight` is how many deliveries of one store and channel a process has under way at once, and how many
    connections a provider over HTTP keeps; a relay has a bound of its own (`channels/email/smtp.py`).
    `deliveries_per_second` paces one process (50, locally not at all; 0 is no limit).
    `lease_seconds` is for how long a delivery is its holder's: after a crash it takes so long until somebody else
    looks at it (180, locally 20). Every time-out towards a provider is a share of it, so that a slow one can't outlive
    the lease.
    `contact_grace_seconds` is how long a reminder waits for a profile that may still be on its way.
    `dns_servers` are asked for the records of senders; without any the system's.
    """

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_", extra="ignore")

    cart_url: str = Field(pattern=r"^https?://")
    cart_key: SecretStr
    keys: Keys = Field(default={})
    templates_dir: Path | None = None
    chromium: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8003, ge=0, le=65535)
    public_url: str = Field(pattern=r"^https?://[!-~]+$")
    link_secret: SigningSecrets
    poll_seconds: float = Field(default=1, gt=0, le=60)
    in_flight: int = Field(default=32, ge=1, le=256)
    deliveries_per_second: float = Field(default=_PER_SECOND, ge=0, le=10_000)
    lease_seconds: float = Field(default=_LEASE_S, ge=2, le=3600)
    contact_grace_seconds: float = Field(default=5, ge=0, le=600)
    dns_servers: tuple[Annotated[str, Field(pattern=r"^[0-9.]+(:[0-9]{1,5})?$")], ...] = ()

    @property
    def lease(self) -> timedelta:
        """For how long a delivery is its holder's."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def contact_grace(self) -> timedelta:
        """How long a reminder waits for a profile that may still be on its way."""
        return timedelta(seconds=self.contact_grace_seconds)

    @property
    def cart_timeout_s(self) -> float:
        """For the last look."""
        return min(5.0, self.lease_seconds / 6)

    @property
    def rules(self) -> dict[str, Any]:
        """Caps and quiet hours of stores that say nothing of them."""
        return unset_rules(production=self.mode == "production")

    @model_validator(mode="after")
    def _links_are_secure(self) -> Self:
        if self.mode == "production" and not self.public_url.startswith("https://"):
            raise ValueError("public_url: links in messages need https in production (RFC 8058, 3.1)")
        return self

    @model_validator(mode="after")
    def _each_key_opens_one_door(self) -> Self:
        if shared := sorted(name for name, key in self._each_key() if key == self.cart_key):
            raise ValueError(f"keys: the key of {shared[0]} is cart_key, which is for the cart service alone")
        return self

    def _each_key(self) -> Iterator[tuple[str, SecretStr]]:
        for store_id, found in self.keys.items():
            yield from ((store_id, found),) if isinstance(found, SecretStr) else ((store_id, one.key) for one in found)

    @field_validator("keys")
    @classmethod
    def _scopes_exist(cls, keys: Keys) -> Keys:
        refuse_unknown_scopes(keys, SCOPES)
        return keys

    @model_validator(mode="after")
    def _rules_follow_the_mode(self) -> Self:
        live = self.mode == "production"
        if not live and "lease_seconds" not in self.model_fields_set:
            self.lease_seconds = _LOCAL_LEASE_S
        if not live and "deliveries_per_second" not in self.model_fields_set:
            self.deliveries_per_second = 0
        return self
