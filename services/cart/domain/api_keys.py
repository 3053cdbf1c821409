"""API keys: what they may be made for, how a new one is drawn, and which are live. Of a key only its hash is kept.

A key is given scopes one by one; those in a store's settings have all of them.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from services.cart.domain.shopper import KEYED, OPERATOR

Scope = Literal[
    "carts:read",
    "carts:write",
    "looks:read",
    "orders:read",
    "orders:write",
    "inventory:read",
    "inventory:write",
    "prices:write",
    "customers:read",
    "customers:write",
    "customers:erase",
    "stores:read",
    "stores:write",
    "keys:write",
    "audit:read",
]
SCOPES: frozenset[Scope] = frozenset(get_args(Scope))
"""Every scope there is."""
LOOKS: frozenset[Scope] = frozenset({"looks:read"})
"""Of a service that takes the last look at a cart before it sends a message."""


Kind = Literal["publishable", "secret"]
PREFIX: Mapping[Kind, str] = {"publishable": "pk_", "secret": "sk_"}
GRACE = timedelta(days=1)
"""How long the secret before a rotation stays live, unless told otherwise."""
MAX_GRACE = timedelta(days=30)

# as a browser sends it: lower case, no path, no default port
Origin = Annotated[str, StringConstraints(pattern=r"^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]


def _twice_is_once(schema: JsonDict) -> None:
    schema.pop("uniqueItems", None)


class NewKey(BaseModel):
    """A key to be made. Secret keys name their scopes; publishable ones the web origins of the pages that use them
    (none: only apps, which send no Origin).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Name
    kind: Kind = "secret"
    scopes: frozenset[Scope] = Field(default=frozenset(), json_schema_extra=_twice_is_once)
    origins: frozenset[Origin] = Field(default=frozenset(), max_length=50, json_schema_extra=_twice_is_once)
    expires_in_days: float | None = Field(default=None, gt=0, le=3650)

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> Self:
        if self.kind == "secret" and (not self.scopes or self.origins):
            raise ValueError("a secret key has scopes and no origins")
        if self.kind == "publishable" and self.scopes:
            raise ValueError("a publishable key has no scopes")
        return self


class Rotation(BaseModel):
    """How to change the secret of a key: the one until now stays live for `grace_hours`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    grace_hours: float = Field(default=GRACE / timedelta(hours=1), ge=0, le=MAX_GRACE / timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it was made. Without a store it opens every store, and the installation."""

    key_id: str
    store_id: str | None
    kind: Kind
    scopes: frozenset[Scope]
    origins: frozenset[str]

    @property
    def caller(self) -> str:
        """Who calls with it, for the audit and for idempotency keys: the same before and after a rotation."""
        return KEYED + self.key_id if self.key_id else OPERATOR


@dataclass(frozen=True, slots=True)
class Holder:
    """Who calls with a secret key: what it was made for, and when the secret that was shown ends (None: never)."""

    caller: str
    scopes: frozenset[Scope]
    until: datetime | None = None

    def lacks(self, scopes: Iterable[Scope]) -> Scope | None:
        """A scope that a key has, or would get, and its holder has not; nobody gives or ends more than they have."""
        return min((scope for scope in scopes if scope not in self.scopes), default=None)

    def outlived_by(self, until: datetime | None) -> bool:
        """Whether a key that ends then would be there when this one is not any more."""
        return self.until is not None and (until is None or until > self.until)

    def distrusted(self, origins: Iterable[str], known: frozenset[str]) -> str | None:
        """A page that is none of those `known` to the store: with fewer than all scopes nobody lets another one in."""
        if self.scopes == SCOPES:
            return None
        return min((origin for origin in origins if origin not in known), default=None)


@dataclass(frozen=True, slots=True)
class Held:
    """One hash by which a key is live until a time (None: until revoked); a key may have two."""

    hash: bytes
    key: ApiKey
    until: datetime | None = None
    previous: bool = False


def new_key_id() -> str:
    """An id for a new key; it stands in the key itself, so that people can tell which one they hold."""
    return secrets.token_hex(8)


def new_secret(kind: Kind, key_id: str) -> str:
    """A new key: prefix, id and 256 random bits."""
    return f"{PREFIX[kind]}{key_id}_{secrets.token_urlsafe(32)}"


def digest(credential: str) -> bytes:
    """SHA-256 of a key. A look-up by it tells nothing in its time: whoever could steer it would know the key."""
    return hashlib.sha256(credential.encode(errors="replace")).digest()


def of_settings(ops_keys: Iterable[str], look_keys: Iterable[str] = ()) -> list[Held]:
    """The keys that stand in the settings of the service, for every store: of ops with all scopes, and for looks."""
    ops = ApiKey("", None, "secret", SCOPES, frozenset())
    looks = ApiKey("", None, "secret", LOOKS, frozenset())
    return [Held(digest(key), looks) for key in look_keys] + [Held(digest(key), ops) for key in ops_keys]


def ends(made: datetime, days: float | None) -> datetime | None:
    """When a key that is made now expires."""
    return None if days is None else made + timedelta(days=days)
