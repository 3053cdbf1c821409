"""What every service can be told through its environment."""

from typing import Any, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from libs.kafka.settings import KafkaSettings


class ServiceSettings(KafkaSettings):
    """Settings that all services share; a service subclasses it with its own `env_prefix`.

    `topic_prefix` stands before every topic and consumer group, so that several stacks can share a cluster.
    `health_port` is for processes without an HTTP API of their own; 0 takes a free port.
    """

    model_config = SettingsConfigDict(hide_input_in_errors=True)  # what was given may be a secret

    mode: Literal["local", "production"] = "production"
    database_url: SecretStr
    topic_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535)
    pool_size: int = Field(default=8, ge=1, le=200)


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
