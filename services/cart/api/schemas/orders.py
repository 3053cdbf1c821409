"""The shapes of answers about orders, for the OpenAPI document."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.cart.domain.orders.commands import UpdateType
from services.cart.domain.orders.fulfilment import Mismatch
from services.cart.domain.orders.fulfilment import Status as OrderStatus


class OrderMismatch(BaseModel):
    """Where an order and a cart disagree, and what either says: of one `sku`, where it is about that.

    Of `customer` neither is told; of `already_ordered` they say by which orders.
    """

    cart_id: UUID
    field: Literal["currency", "cart_version", "customer", "already_ordered", "units", "price", "total"]
    cart: str | int | None
    order: str | int | None
    sku: str | None = None


class PlacedOrder(BaseModel):
    """An accepted order, the carts that it closed, those in which lives on what it did not take, and where it did not
    agree with a cart, though it stands.
    """

    order_id: str
    closed_carts: list[UUID]
    next_carts: list[UUID]
    mismatches: list[OrderMismatch]


class OrderedLine(BaseModel):
    """Units of a sku."""

    sku: str = Field(examples=["tea-100"])
    quantity: int = Field(examples=[2])


class OrderFact(BaseModel):
    """Something that happened to an order: to all of it where there are no lines. What can't be has a `mismatch`."""

    type: UpdateType = Field(examples=["shipped"])
    occurred_at: AwareDatetime = Field(examples=["2026-03-14T15:09:26Z"])
    sequence: int = Field(examples=[0])
    lines: list[OrderedLine]
    reopen: bool = Field(examples=[False])
    tracking_url: str | None
    mismatch: Mismatch | None = Field(examples=[None])


class OrderHistory(PlacedOrder):
    """An order and what became of it, in the order in which that happened."""

    customer_id: str | None
    status: OrderStatus
    currency: str | None
    total: int | None
    placed_at: AwareDatetime
    channel: str | None = Field(examples=["web"])
    lines: list[OrderedLine]
    events: list[OrderFact]
