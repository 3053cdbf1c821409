"""Keys of servers that have a name each, and open only what they were made for."""

import hmac
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.requests import Request

from libs.http.keys import CHALLENGE, EVERY_STORE
from libs.http.problems import Problem
from libs.http.refused_log_ins import note_refused

READING = ":read"
UNNAMED = "server"
"""The name of a key that stands alone."""


class NamedKey(BaseModel):
    """A key as settings say it: `name` is who is written down as the one that did something, `scopes` what it opens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    key: SecretStr = Field(min_length=24)
    scopes: frozenset[Annotated[str, Field(pattern=r"^[a-z]+:(read|write)$")]] = Field(min_length=1)


Keys = Mapping[str, SecretStr | tuple[NamedKey, ...]]
"""Store (`*`: every store) → its keys: several with names and scopes, or one that stands alone."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name of the key, and what it opens. A key that stands alone reads everything and changes nothing:
    it was handed out when there was nothing to change.
    """

    name: str
    scopes: frozenset[str] | None

    def may(self, scope: str) -> bool:
        """Whether the key opens what a scope is for."""
        return scope.endswith(READING) if self.scopes is None else scope in self.scopes

    def must(self, scope: str) -> None:
        """Raises `Problem` 403 where the key does not open what a scope is for."""
        if not self.may(scope):
            raise lacks(scope)


def lacks(scope: str) -> Problem:
    """What a key is told that was made for other things."""
    return Problem(403, "insufficient-scope", f"This takes a key with the scope {scope}.", scope=scope)


def refuse_unknown_scopes(keys: Keys, scopes: Collection[str]) -> None:
    """Raises ValueError where a key of a setting names a scope that is not among these."""
    for found in keys.values():
        named = () if isinstance(found, SecretStr) else found
        if unknown := sorted({scope for key in named for scope in key.scopes} - set(scopes)):
            raise ValueError(f"there is no scope {unknown[0]}: use {', '.join(scopes)}")


def caller_of(request: Request, keys: Keys, store_id: str) -> Caller:
    """Whose key the request bears, of the store or of every store. Raises `Problem` 401 where it bears none."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    bare = given.strip().encode()
    # all are compared, each in constant time, so that the time tells nothing
    genuine = [caller for key, caller in _wanted(keys, store_id) if key and hmac.compare_digest(bare, key.encode())]
    if scheme.lower() != "bearer" or not genuine:
        note_refused("servers", store_id if store_id in keys else "", "unauthorized")
        raise Problem(401, "unauthorized", "A secret key of this store is needed.", headers=CHALLENGE)
    return genuine[0]


def _wanted(keys: Keys, store_id: str) -> Iterator[tuple[str, Caller]]:
    for name in (store_id, EVERY_STORE):
        found = keys.get(name, ())
        if isinstance(found, SecretStr):
            yield found.get_secret_value(), Caller(UNNAMED, None)
        else:
            yield from ((one.key.get_secret_value(), Caller(one.name, one.scopes)) for one in found)
