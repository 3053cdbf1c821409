"""What the trigger can be told through its environment (prefix `TRIGGER_`)."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from libs.http.server_keys import NamedKey, refuse_unknown_scopes
from libs.policy.settings import LawSettings

SCOPES = ("campaigns:read", "campaigns:write", "explain:read", "exports:read", "items:read", "reminders:write")
"""What keys may be for."""
Keys = dict[str, SecretStr | tuple[NamedKey, ...]]


class TriggerSettings(LawSettings):
    """`settle_seconds` (deprecated) covers the way of an event from the cart's commit to Kafka where the cart's relay
    does not tell up to when all is out: one of an older release, or of recorded traffic.

    `keys` maps store ids (`*`: every store) to a key with which servers may read what there is, or to keys with names
    and scopes: only such a key changes campaigns.
    `laws` are those that the notifier keeps (`NOTIFIER_LAWS`): drafts of campaigns are tried by them.
    `decisions_days` is for how long it is known why somebody was or was not to be told.
    """

    model_config = SettingsConfigDict(env_prefix="TRIGGER_", extra="ignore")

    campaigns_dir: Path = Path(__file__).parent / "campaigns"
    settle_seconds: float = Field(default=2, ge=0, le=600)
    poll_seconds: float = Field(default=1, gt=0, le=60)
    keys: Keys = Field(default={})
    decisions_days: float = Field(default=90, ge=40)

    @field_validator("keys")
    @classmethod
    def _scopes_exist(cls, keys: Keys) -> Keys:
        refuse_unknown_scopes(keys, SCOPES)
        return keys
