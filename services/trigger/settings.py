"""What the trigger can be told through its environment (prefix `TRIGGER_`)."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from libs.runtime.settings import ServiceSettings


class TriggerSettings(ServiceSettings):
    """`settle_seconds` covers the way of an event from the cart's commit to Kafka: nothing fires on younger facts.

    `keys` maps store ids (`*`: every store) to keys with which servers may ask for what is held on a customer.
    `decisions_days` is for how long it is known why somebody was or was not to be told.
    """

    model_config = SettingsConfigDict(env_prefix="TRIGGER_", extra="ignore")

    campaigns_dir: Path = Path(__file__).parent / "campaigns"
    settle_seconds: float = Field(default=2, ge=0, le=600)
    poll_seconds: float = Field(default=1, gt=0, le=60)
    keys: dict[str, SecretStr] = Field(default={})
    decisions_days: float = Field(default=90, ge=40)
