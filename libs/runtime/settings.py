"""What every service can be told through its environment."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class ServiceSettings(BaseSettings):
    """Settings that all services share; a service subclasses it with its own `env_prefix`.

    `topic_prefix` stands before every topic and consumer group, so that several stacks can share a cluster.
    `health_port` is for processes without an HTTP API of their own; 0 takes a free port.
    """

    mode: Literal["local", "production"] = "production"
    database_url: SecretStr
    kafka_bootstrap: str = "127.0.0.1:9092"
    topic_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]*$")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535)
    pool_size: int = Field(default=8, ge=1, le=200)
