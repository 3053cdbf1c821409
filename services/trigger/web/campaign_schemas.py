"""What the service takes and answers where a store says its campaigns."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.http.body import body_of

_AT = "2026-11-22T10:15:00Z"
_SOURCE = "Where they are said: in a file of the store, which goes first, by the API, or in the file for all stores."
_FILE: dict[str, Any] = {
    "timezone": "Europe/Warsaw",
    "campaigns": [
        {
            "name": "cart",
            "kind": "abandoned_cart",
            "steps": [{"name": "nudge", "delay": "1h", "channel": "email", "template": "abandoned_cart"}],
        }
    ],
}
_VERSION: dict[str, Any] = {"version": 4, "made_by": "deploys", "made_at": _AT, "rolled_back_to": 2}
Source = Literal["file", "api", "default"]


def like(example: dict[str, Any]) -> ConfigDict:
    """The configuration of a model that shows an example of itself."""
    return ConfigDict(json_schema_extra={"examples": [example]})


BODY: dict[str, Any] = {
    "required": True,
    "description": "As in a campaign file: YAML (`application/yaml`), or the same as JSON.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["campaigns"],
                "properties": {
                    "timezone": {"type": "string"},
                    "segments": {"type": "object", "additionalProperties": {"type": "object"}},
                    "campaigns": {"type": "array", "items": {"type": "object", "required": ["name", "kind"]}},
                },
            },
            "example": _FILE,
        }
    },
}
"""The body of a store that says its campaigns, for the OpenAPI document."""
_NUMBER = {"type": "integer", "minimum": 1}
ROLL_BACK = body_of({"type": "object", "required": ["version"], "properties": {"version": _NUMBER}}, {"version": 2})


class CampaignInForce(BaseModel):
    """A campaign as it is said, and since when it has been switched on."""

    since: AwareDatetime
    campaign: dict[str, Any]


class Campaigns(BaseModel):
    """What is switched on for a store."""

    model_config = like(
        {
            "source": "api",
            "version": "4",
            "segments": {"vip": {"spent": {"EUR": 50000}, "orders": None, "abandoned": None, "within": "P365D"}},
            "campaigns": [
                {
                    "since": _AT,
                    "campaign": {
                        "kind": "abandoned_cart",
                        "name": "abandoned_cart",
                        "conditions": {"minimum_total": 1000},
                        "steps": [{"name": "first", "delay": "PT1H", "channels": ["email", "sms"]}],
                    },
                }
            ],
        }
    )

    source: Source = Field(description=_SOURCE)
    version: str = Field(description="Of them: a number where the API said them, else what tells a file from another.")
    segments: dict[str, dict[str, Any]] = Field(description="Which customers belong to which, by name.")
    campaigns: list[CampaignInForce]


class ChangedField(BaseModel):
    """A field of a campaign by its path, and what it says before and after."""

    field: str
    before: Any
    after: Any


class ChangedCampaign(BaseModel):
    """What becomes of a campaign; `since` is from when on it is switched on, null where it goes."""

    name: str
    change: Literal["added", "removed", "changed", "unchanged"]
    since: AwareDatetime | None
    fields: list[ChangedField]


class CampaignChanges(BaseModel):
    """What was changed, or with `dry_run` would be."""

    model_config = like(
        {
            "dry_run": False,
            "source": "api",
            "version": "4",
            "campaigns": [
                {
                    "name": "cart",
                    "change": "changed",
                    "since": _AT,
                    "fields": [{"field": "steps.nudge.delay", "before": "PT1H", "after": "PT2H"}],
                }
            ],
        }
    )

    dry_run: bool
    source: Source = Field(description=_SOURCE)
    version: str = Field(description="After it.")
    campaigns: list[ChangedCampaign]


class CampaignVersion(BaseModel):
    """Who said a store's campaigns, by the name of the key, and when."""

    version: int
    made_by: str
    made_at: AwareDatetime
    rolled_back_to: int | None = Field(description="The version that it is again.")


class CampaignVersionDetails(CampaignVersion):
    """The same with what was said; null where the store went back to the campaigns of all stores."""

    model_config = like(_VERSION | {"said": _FILE})

    said: dict[str, Any] | None


class CampaignVersionPage(BaseModel):
    """A page of a store's versions, the newest first."""

    model_config = like({"versions": [_VERSION], "next": "4"})

    versions: list[CampaignVersion]
    next: str | None
