"""What the service answers to a store's servers."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

_AT, _CART = "2026-11-22T10:15:00Z", "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10"
_EXPORT: dict[str, Any] = {
    "schema": "urn:evercart:export:trigger:1",
    "store_id": "shop",
    "customer_id": "anna",
    "exported_at": _AT,
    "carts": [
        {
            "cart_id": _CART,
            "version": 7,
            "quiet_since": _AT,
            "units": 2,
            "total": 2500,
            "currency": "EUR",
            "closed_at": None,
            "decided_until": _AT,
            "due_at": "2026-11-22T11:15:00Z",
        }
    ],
    "holdings": [{"cart_id": _CART, "sku": "tea-100", "units": 2, "touched_at": _AT, "seen_price": 450}],
    "decisions": [
        {
            "reminder_id": "5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee",
            "campaign": "abandoned_cart",
            "campaign_version": "4",
            "step": 1,
            "step_name": "first_email",
            "channel": "email",
            "arm": None,
            "cart_id": _CART,
            "cart_version": 7,
            "order_id": None,
            "sku": None,
            "named": [],
            "price": None,
            "total": 2500,
            "currency": "EUR",
            "due_at": "2026-11-22T11:15:00Z",
            "outcome": "would_send",
            "reason": "idle",
            "decided_at": "2026-11-22T11:15:01Z",
        }
    ],
    "occasions": [
        {
            "subject": "order.shipped",
            "subject_id": "10042",
            "since": _AT,
            "facts": '{"order_id": "10042"}',
            "ended": None,
            "decided_until": _AT,
            "due_at": None,
        }
    ],
    "participants": [{"campaign": "abandoned_cart", "arm": "plain", "entered_at": _AT, "times_entered": 1}],
    "customer_orders": [
        {
            "order_id": "10042",
            "cart_id": _CART,
            "placed_at": _AT,
            "currency": "EUR",
            "total": 2500,
            "status": "shipped",
            "channel": "web",
            "skus": ["tea-100"],
            "first_told_at": _AT,
            "last_told_at": "2026-11-23T09:00:00Z",
        }
    ],
    "watches": [
        {
            "watch_id": "9b2f4a1e-6f0d-4c57-8a56-0f6d1c7e2b13",
            "sku": "tea-100",
            "set_at": _AT,
            "saved_in": None,
            "told_by": None,
            "ended": "ordered",
            "ended_at": _AT,
        }
    ],
    "reach": [{"email": True, "sms": False, "timezone": "Europe/Warsaw", "channels": ["whatsapp"]}],
    "clicks": [
        {"reminder_id": "5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee", "campaign": "abandoned_cart", "clicked_at": _AT}
    ],
}


class Cart(BaseModel):
    """A cart as timers see it; `total` is in minor units."""

    cart_id: UUID
    version: int
    quiet_since: AwareDatetime
    units: int
    total: int
    currency: str | None
    closed_at: AwareDatetime | None
    decided_until: AwareDatetime
    due_at: AwareDatetime | None


class Holding(BaseModel):
    """Units of an item in one of the carts."""

    cart_id: UUID
    sku: str
    units: int
    touched_at: AwareDatetime
    seen_price: int | None = Field(description="Of a unit when that last changed, in minor units of the cart.")


class Decision(BaseModel):
    """Whether a reminder was asked for, and why."""

    reminder_id: UUID
    campaign: str
    campaign_version: str | None
    step: int
    step_name: str | None
    channel: str
    arm: str | None
    cart_id: UUID | None
    cart_version: int | None
    order_id: str | None
    sku: str | None
    named: list[str] = Field(description="Further items that the message named.")
    price: int | None
    total: int | None
    currency: str | None
    due_at: AwareDatetime
    outcome: Literal["would_send", "skipped"]
    reason: str
    decided_at: AwareDatetime


class Participation(BaseModel):
    """The part in a campaign that splits its customers, or bounds how often they enter it."""

    campaign: str
    arm: str | None
    entered_at: AwareDatetime
    times_entered: int


class CustomerOrder(BaseModel):
    """An order as campaigns count it; `total` is in minor units, less what was cancelled or returned."""

    order_id: str
    cart_id: UUID | None
    placed_at: AwareDatetime
    currency: str | None
    total: int | None
    status: str
    channel: str | None
    skus: list[str] | None
    first_told_at: AwareDatetime
    last_told_at: AwareDatetime


class Reach(BaseModel):
    """By which channels the customer can be reached, as the notifier tells it."""

    email: bool
    sms: bool
    timezone: str | None
    channels: list[str] | None = Field(description="The open ones besides; null where nothing was told of those.")


class Click(BaseModel):
    """That the link of a message was followed first, and when."""

    reminder_id: UUID
    campaign: str
    clicked_at: AwareDatetime


class Occasion(BaseModel):
    """Something that happened and that campaigns follow, such as `order.shipped`; `ended` is why no longer."""

    subject: str
    subject_id: str
    since: AwareDatetime
    facts: str
    ended: str | None
    decided_until: AwareDatetime
    due_at: AwareDatetime | None


class Watch(BaseModel):
    """An item that the customer asked to be told of, or set aside; by which reminder they were, and why it is over."""

    watch_id: UUID
    sku: str
    set_at: AwareDatetime
    saved_in: UUID | None = Field(description="The cart in which it is set aside; none where they asked for it.")
    told_by: UUID | None
    ended: str | None
    ended_at: AwareDatetime | None


class Export(BaseModel):
    """Everything that this service holds on a customer."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXPORT]})

    schema_: Literal["urn:evercart:export:trigger:1"] = Field(alias="schema")
    store_id: str
    customer_id: str
    exported_at: AwareDatetime
    carts: list[Cart]
    holdings: list[Holding]
    decisions: list[Decision]
    participants: list[Participation]
    occasions: list[Occasion]
    customer_orders: list[CustomerOrder]
    reach: list[Reach]
    watches: list[Watch]
    clicks: list[Click]
