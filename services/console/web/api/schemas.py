"""What the API of the figures answers."""

from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.console.domain.figures import CampaignFunnel, CountRow, Experiment, RevenueRow
from services.console.domain.rules import Rules

_AT = "2026-11-22T10:15:00Z"
_OF: dict[str, Any] = {"store_id": "shop", "since": "2026-11-16", "until": "2026-11-22", "as_of": _AT}
_EUR = {"currency": "EUR", "amount": 238_000}
_REVENUE = {"amounts": [_EUR], "in_store": _EUR}
_COUNTS = {"asked": 1_084, "sent": 981, "delivered": 968, "bounced": 4, "complained": 1, "opened": 420}
_STEP = {
    "step": 1,
    "name": "nudge",
    "channel": "email",
    "arm": "treatment",
    "decided": 1_084,
    "held_out": 0,
    "waiting": 44,
    **_COUNTS,
    "clicked": 201,
    "suspected": 6,
    "ordered": 119,
    "revenue": _REVENUE,
    "skipped": [{"reason": "ordered", "number": 29}],
    "not_sent": [{"reason": "no_consent", "number": 13}],
}
FUNNEL = _OF | {
    "campaigns": [
        {
            "campaign": "cart",
            "kind": "abandoned_cart",
            "versions": ["4", "5"],
            "went_quiet": 1_204,
            "held_out": 120,
            "held_out_people": 118,
            "held_out_ordered": 14,
            "steps": [_STEP],
        }
    ]
}
REVENUE = _OF | {
    "rows": [
        {
            "day": "2026-11-16",
            "key": "cart",
            "currency": "EUR",
            "orders": 17,
            "gone": 1,
            "gross": 36_000,
            "net": 34_000,
            "in_store": 34_000,
        }
    ]
}
COUNTS = _OF | {
    "rows": [
        {
            "day": None,
            "key": "cart",
            "decided": 1_204,
            "held_out": 120,
            **_COUNTS,
            "clicked": 201,
            "suspected": 6,
            "ordered": 119,
            "revenue": _REVENUE,
        }
    ]
}
_WITHIN = {"low": 0.099, "high": 0.143}
EXPERIMENTS = _OF | {
    "experiments": [
        {
            "campaign": "cart",
            "currency": "EUR",
            "arms": [
                {
                    "arm": "treatment",
                    "people": 1_060,
                    "ordered": 128,
                    "rate": 0.121,
                    "rate_within": _WITHIN,
                    "spent": 410.5,
                    "spent_within": {"low": 338.1, "high": 488.9},
                }
            ],
            "differences": [
                {
                    "arm": "treatment",
                    "against": "holdout",
                    "rate": 0.002,
                    "rate_within": {"low": -0.072, "high": 0.053},
                    "spent": 31.2,
                    "spent_within": {"low": -210.4, "high": 240.7},
                }
            ],
            "sample_ratio": {"p_value": 0.71, "planned": [["holdout", 10.0], ["treatment", 90.0]]},
            "days_left": 9,
        }
    ]
}
RULES: dict[str, Any] = {
    "version": 3,
    "window_days": 5,
    "channel_days": {"sms": 2},
    "currency": "EUR",
    "rates": [{"currency": "USD", "since": "2026-01-01", "rate": "0.91"}],
}


class OfDays(BaseModel):
    """Whose figures, of which days, the last included, and when they were counted."""

    store_id: str
    since: date
    until: date
    as_of: AwareDatetime


class FunnelFigures(OfDays):
    """What became of campaigns step by step. Amounts are in minor units of their currency."""

    model_config = ConfigDict(json_schema_extra={"examples": [FUNNEL]})

    campaigns: tuple[CampaignFunnel, ...]


class RevenueFigures(OfDays):
    """Orders by the day on which they were placed, and by what a click of theirs leads back to."""

    model_config = ConfigDict(json_schema_extra={"examples": [REVENUE]})

    rows: tuple[RevenueRow, ...]


class MessageFigures(OfDays):
    """Messages by the day of their decision, and the orders that they led to."""

    model_config = ConfigDict(json_schema_extra={"examples": [COUNTS]})

    rows: tuple[CountRow, ...]


class ExperimentFigures(OfDays):
    """Campaigns whose people are divided among arms, compared."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXPERIMENTS]})

    experiments: tuple[Experiment, ...]


class CountingRules(Rules):
    """By what a store's figures are counted; 0 is the version of a store that has said nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [RULES]}, extra="forbid", frozen=True)

    version: int = Field(ge=0)
