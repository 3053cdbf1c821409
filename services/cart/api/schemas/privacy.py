"""The shapes of what is answered about customers' rights, for the OpenAPI document."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.contracts.events.erasure import Done
from services.cart.api.schemas.cart import Cart, Profile
from services.cart.api.schemas.merge import MergeReceipt
from services.cart.api.schemas.orders import OrderMismatch

ERASURE = "01960000-0000-7000-8000-00000000e7a5"


class PendingErasure(BaseModel):
    """An erasure that was begun; ask for its receipt by this id."""

    erasure_id: UUID = Field(examples=[ERASURE])
    status: Literal["pending"]


class ErasurePlace(BaseModel):
    """One table or topic of one service, and what was done there to how many records (null: not known).

    `deleted`: gone. `anonymised`: kept without saying whose. `hashed`: a ban on messages, kept under a hash.
    `tombstoned`: Kafka removes it by `gone_by`, once the partition is written to again. `expires`: gone by then.
    """

    service: str
    place: str
    done: Done
    rows: int | None
    at: AwareDatetime
    gone_by: AwareDatetime | None


class ErasureReceipt(BaseModel):
    """Where a customer was erased. `customer` is a keyed hash of the id that was asked for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "erasure_id": ERASURE,
                    "customer": "customer:5d1f0c1e0a8a535d9d6f0f5a3f6f1a77",
                    "status": "done",
                    "requested_at": "2026-03-14T15:09:26Z",
                    "done_at": "2026-03-14T15:09:27Z",
                    "waiting_for": [],
                    "places": [
                        {
                            "service": "notifier",
                            "place": "table contacts",
                            "done": "deleted",
                            "rows": 1,
                            "at": "2026-03-14T15:09:27Z",
                            "gone_by": None,
                        },
                        {
                            "service": "notifier",
                            "place": "topic message.events",
                            "done": "expires",
                            "rows": None,
                            "at": "2026-03-14T15:09:27Z",
                            "gone_by": "2026-04-14T15:09:27Z",
                        },
                    ],
                }
            ]
        }
    )

    erasure_id: UUID
    customer: str
    status: Literal["pending", "done"]
    requested_at: AwareDatetime
    done_at: AwareDatetime | None
    waiting_for: list[str]
    places: list[ErasurePlace]


class ExportedName(BaseModel):
    """Another name by which the customer goes."""

    identity: str
    customer_id: str
    created_at: AwareDatetime


class ExportedMerge(BaseModel):
    """A log-in that brought a cart along; `undoing` is what both carts held, kept for 24 hours."""

    receipt: MergeReceipt
    undoing: dict[str, Any] | None
    undone_at: AwareDatetime | None


class SeenNotice(BaseModel):
    """A notice that was seen on a device."""

    device: str
    notice_id: UUID
    acknowledged_at: AwareDatetime


class ReservedUnits(BaseModel):
    """Units that the cart holds back from others."""

    sku: str
    units: int
    expires_at: AwareDatetime


class ExportedConsent(BaseModel):
    """The words that somebody agreed to, on which page, and when; where the address was `asked`, when it said yes to
    which question.
    """

    customer_id: str
    channel: str = Field(examples=["email"])
    wording: str = Field(examples=["Remind me of my cart by e-mail."])
    page: str | None = Field(examples=["https://shop.example"])
    agreed_at: AwareDatetime
    asked: bool
    confirmed_at: AwareDatetime | None
    confirmed_wording: str | None = Field(examples=["Do you want reminders about your cart from Shop by this channel?"])


class ExportedCart(Cart):
    """A cart in whatever state; `customer_id` is null where it was gathered before a log-in."""

    merged_into: UUID | None
    order_id: str | None
    notices_seen: list[SeenNotice]
    reserved: list[ReservedUnits]
    merges: list[ExportedMerge]


class ExportedOrderEvent(BaseModel):
    """What became of an order; no units: all of it."""

    type: str
    occurred_at: AwareDatetime
    units: dict[str, int]


class ExportedOrder(BaseModel):
    """What is kept of an order."""

    order_id: str
    customer_id: str
    cart_id: UUID | None
    units: dict[str, int]
    history: list[ExportedOrderEvent]
    currency: str | None
    total: int | None
    closed_carts: list[UUID]
    next_carts: list[UUID]
    placed_at: AwareDatetime
    channel: str | None
    mismatches: list[OrderMismatch]


class ExportedWatch(BaseModel):
    """An item that the customer waits for."""

    watch_id: UUID
    store_id: str
    customer_id: str
    sku: str
    options: dict[str, str]
    version: int
    set_at: AwareDatetime
    title: str | None
    url: str | None


class ExportedView(BaseModel):
    """A product that the customer looked at."""

    customer_id: str
    sku: str
    title: str | None
    url: str | None
    image_url: str | None
    viewed_at: AwareDatetime


class CustomerExport(BaseModel):
    """Everything that the cart service holds on a customer; `not_listed` says what is held besides, and why."""

    schema_: Literal["urn:evercart:export:cart:1"] = Field(alias="schema")
    store_id: str
    customer_id: str
    exported_at: AwareDatetime
    not_listed: dict[str, str]
    identities: list[ExportedName]
    profiles: list[Profile]
    consents: list[ExportedConsent]
    watches: list[ExportedWatch]
    views: list[ExportedView]
    carts: list[ExportedCart]
    orders: list[ExportedOrder]
