"""What the service answers to whoever asks why somebody was or was not to be told."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.trigger.web.campaign_schemas import like

_AT, _CART = "2026-11-22T10:15:00Z", "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10"
_WHY = "The same as a sentence."
_STEP: dict[str, Any] = {"campaign": "cart", "step": 2, "step_name": "offer", "channel": "email"}
_EXAMPLE: dict[str, Any] = {
    "carts": [
        {
            "cart_id": _CART,
            "customer_id": "anna",
            "version": 7,
            "goods_version": 6,
            "quiet_since": _AT,
            "units": 2,
            "total": 2500,
            "currency": "EUR",
            "closed": False,
            "why": "It waits since its goods last changed; what was planned before that is void.",
            "ahead": [
                _STEP
                | {
                    "reminder_id": "0b6e2f4f-7f0b-5c1d-9a50-000000c0ffee",
                    "due_at": "2026-11-23T10:15:00Z",
                    "expires_at": "2026-11-23T22:15:00Z",
                    "state": "planned",
                    "reason": "planned",
                    "why": "it goes out then if nothing changes",
                }
            ],
        }
    ],
    "occasions": [
        {
            "subject": "customer.ordered",
            "since": _AT,
            "ended": None,
            "order_id": None,
            "why": "They ordered last then, and not since.",
            "ahead": [
                {
                    "reminder_id": "7d0b6e2f-7f0b-5c1d-9a50-000000c0ffee",
                    "campaign": "come_back",
                    "step": 1,
                    "step_name": "win_back-email",
                    "channel": "email",
                    "due_at": "2027-02-20T10:15:00Z",
                    "expires_at": "2027-02-20T22:15:00Z",
                    "state": "planned",
                    "reason": "planned",
                    "why": "it goes out then if nothing changes",
                }
            ],
        }
    ],
    "watches": [
        {
            "watch_id": "9b2f4a1e-6f0d-4c57-8a56-0f6d1c7e2b13",
            "sku": "tea-100",
            "set_at": _AT,
            "saved_in": None,
            "state": "waiting",
            "reason": None,
            "told_by": None,
            "why": "They are told once it is back, when it is their turn.",
        }
    ],
    "decisions": [
        _STEP
        | {
            "reminder_id": "5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee",
            "customer_id": "anna",
            "campaign_version": "4",
            "step": 1,
            "step_name": "nudge",
            "arm": "coupon",
            "cart_id": _CART,
            "cart_version": 6,
            "order_id": None,
            "sku": None,
            "total": 2500,
            "currency": "EUR",
            "due_at": "2026-11-22T11:15:00Z",
            "decided_at": "2026-11-22T11:15:01Z",
            "outcome": "would_send",
            "reason": "idle",
            "why": "the cart had gone quiet, and nothing spoke against it",
        }
    ],
    "next": "1795342501000000.5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee",
}


class StepAhead(BaseModel):
    """A step whose time has not come: when it is due, or why it is left out."""

    reminder_id: UUID = Field(description="The reminder that it will be: by this it is cancelled.")
    campaign: str
    step: int
    step_name: str
    channel: str
    due_at: AwareDatetime
    expires_at: AwareDatetime
    state: Literal["planned", "left_out"]
    reason: str
    why: str = Field(description=_WHY)


class ExplainedCart(BaseModel):
    """A cart as timers see it, and what is ahead of it; `total` is in minor units."""

    cart_id: UUID
    customer_id: str | None
    version: int
    goods_version: int
    quiet_since: AwareDatetime
    units: int
    total: int
    currency: str | None
    closed: bool
    why: str = Field(description="Why it is or is not waited for.")
    ahead: list[StepAhead]


class ExplainedOccasion(BaseModel):
    """Something else that happened and that a campaign follows, and what is ahead of it."""

    subject: str = Field(description="What happened, as the event that tells it is called.")
    since: AwareDatetime
    ended: str | None = Field(description="Why nothing more is told of it, in a stable word.")
    order_id: str | None = Field(description="The order, where it happened to one.")
    why: str = Field(description="What happened, as a sentence, and why nothing more is told of it.")
    ahead: list[StepAhead]


class ExplainedDecision(BaseModel):
    """What was decided, what that rested on, and why; null is what the release of then did not keep."""

    reminder_id: UUID
    customer_id: str | None
    campaign: str
    campaign_version: str | None
    step: int
    step_name: str | None
    channel: str
    arm: str | None
    cart_id: UUID | None
    cart_version: int | None
    order_id: str | None = Field(description="The order, where it is about one.")
    sku: str | None
    total: int | None
    currency: str | None
    due_at: AwareDatetime
    decided_at: AwareDatetime
    outcome: Literal["would_send", "skipped"]
    reason: str
    why: str = Field(description=_WHY)


class ExplainedWatch(BaseModel):
    """An item that the customer asked to be told of when it is back, or has set aside, and whether they still wait."""

    watch_id: UUID
    sku: str
    set_at: AwareDatetime
    saved_in: UUID | None = Field(description="The cart in which it is set aside; null where they asked for it.")
    state: Literal["waiting", "told", "over"]
    reason: str | None = Field(description="Why it is over, in a stable word.")
    told_by: UUID | None = Field(description="The reminder that tells of it.")
    why: str = Field(description=_WHY)


class Explained(BaseModel):
    """On the first page carts and what else happened, each with what is ahead of it, and watches; decisions page by
    page, the newest first.
    """

    model_config = like(_EXAMPLE)

    carts: list[ExplainedCart]
    occasions: list[ExplainedOccasion]
    watches: list[ExplainedWatch]
    decisions: list[ExplainedDecision]
    next: str | None
