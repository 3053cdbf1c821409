"""What the console can be told through its environment (prefix `CONSOLE_`)."""

from datetime import timedelta

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from libs.http.server_keys import NamedKey
from libs.runtime.settings import ServiceSettings

SCOPES = ("figures:read", "figures:write")
"""What keys may be for."""
Keys = dict[str, SecretStr | tuple[NamedKey, ...]]


class ConsoleSettings(ServiceSettings):
    """`keys` maps store ids (`*`: every store) to a key with which servers may read figures, or to keys with names and
    scopes: only such a key changes by what they are counted.
    `raw_days` is for how long clicks, decisions and orders are known one by one, so that a changed window recounts
    them; sums of days stay. `sums_seconds` is for how long figures may be older than what was read.
    """

    model_config = SettingsConfigDict(env_prefix="CONSOLE_", extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8004, ge=0, le=65535)
    keys: Keys = Field(default={})
    raw_days: float = Field(default=400, ge=90)
    sums_seconds: float = Field(default=2, gt=0, le=600)

    @property
    def raw(self) -> timedelta:
        """For how long what happened is known one by one."""
        return timedelta(days=self.raw_days)

    @field_validator("keys")
    @classmethod
    def _scopes_exist(cls, keys: Keys) -> Keys:
        for found in keys.values():
            named = () if isinstance(found, SecretStr) else found
            if unknown := sorted({scope for key in named for scope in key.scopes} - set(SCOPES)):
                raise ValueError(f"there is no scope {unknown[0]}: use {', '.join(SCOPES)}")
        return keys
