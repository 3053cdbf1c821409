"""What every service can be told through its environment."""

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from libs.kafka.settings import KafkaSettings

LAME_DUCK_S = 5.0
"""Proxies and clusters ask every few seconds, or take a moment to tell all who route, before nobody comes any more."""


class ServiceSettings(KafkaSettings):
    """Settings that all services share; a service subclasses it with its own `env_prefix`.

    `topic_prefix` stands before every topic and consumer group, so that several stacks can share a cluster.
    `health_port` is for processes without an HTTP API of their own; 0 takes a free port.
    `lame_duck_seconds` is how long a process that was told to end says that it is not ready and takes requests as ever,
    so that those who send them can look elsewhere: 5 in production, 0 in local mode.
    With `ops_paths` apart a process with an HTTP API has `/metrics`, `/docs` and `/openapi.json` there alone.
    """

    model_config = SettingsConfigDict(hide_input_in_errors=True)  # what was given may be a secret

    mode: Literal["local", "production"] = "production"
    database_url: SecretStr
    topic_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535)
    ops_paths: Literal["public", "apart"] = "public"
    pool_size: int = Field(default=8, ge=1, le=200)
    lame_duck_seconds: float | None = Field(default=None, ge=0, le=300)

    @property
    def lame_duck(self) -> float:
        """Seconds between the word to end and the closing of listeners."""
        if self.lame_duck_seconds is not None:
            return self.lame_duck_seconds
        return LAME_DUCK_S if self.mode == "production" else 0.0

    @property
    def ops_place(self) -> tuple[str, int] | None:
        """Where an HTTP API shows its ops paths, where that is not its own port."""
        return (self.health_host, self.health_port) if self.ops_paths == "apart" else None


def _listed(given: object) -> object:
    """One secret as it is, or a JSON array of several."""
    if isinstance(given, SecretStr):
        given = given.get_secret_value()
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given) if given.startswith("[") else [given]
    except ValueError:
        raise ValueError("neither a secret nor a JSON array of secrets") from None


SigningSecrets = Annotated[
    tuple[Annotated[SecretStr, Field(min_length=32)], ...], NoDecode, BeforeValidator(_listed), Field(min_length=1)
]
"""What signs, newest first: the first signs, what the others have signed is still good. So one is replaced by another:
put the new one in front, and leave the old one until nothing that it signed is out any more.
"""


S = TypeVar("S", bound=ServiceSettings)
B = TypeVar("B", bound=BaseSettings)


class BadSettingsError(ValueError):
    """The environment does not say what a service needs; the text names variables and rules, never values."""


def from_environment(kind: type[B], **given: Any) -> B:  # noqa: ANN401 - whatever its fields take
    """The settings that the environment gives, but for those `given`. Raises `BadSettingsError` with every fault."""
    prefix = kind.model_config.get("env_prefix", "")
    try:
        return kind(**given)
    except SettingsError as error:
        field = str(error).split('"')[1]
        raise BadSettingsError(f"{prefix}{field.upper()} is not JSON") from None
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise BadSettingsError("\n".join(_fault(prefix, e["loc"], e["msg"]) for e in faults)) from None


def _fault(prefix: str, place: tuple[int | str, ...], rule: str) -> str:
    name, *inner = map(str, place or ("settings",))
    return f"{prefix}{name.upper()}{''.join(f' / {part}' for part in inner)}: {rule.removeprefix('Value error, ')}"
