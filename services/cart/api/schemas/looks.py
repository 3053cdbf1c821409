"""The shapes of last looks, for the OpenAPI document."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.cart.api.schemas.cart import Cart, CartLine
from services.cart.domain.limits import MAX_LOOKS


class CartRecipient(BaseModel):
    """Whether the cart's customer can be reached by a channel and wants to be; no address. `profile_version` is that of
    the topic `customer.profiles`: who knows an older one knows an older address.
    """

    profile_version: int
    reach: dict[str, bool] = Field(examples=[{"email": True, "sms": False}])
    consent: dict[str, bool] = Field(examples=[{"email": True, "sms": False}])


class CustomerRecipient(CartRecipient):
    """The same of a customer, or of a guest who has left an address: which channels wait for the address to say yes."""

    unconfirmed: list[str] = Field(examples=[["sms"]])


class CartSnapshot(BaseModel):
    """A cart, the levels of its skus, what the store has told that its lines cost (by their ids), who may be written
    to about it, a link that opens it for 30 days from `as_of`.

    `recipient` is null where nobody is known: a guest, or a customer without a profile. `goods_version` is the cart's
    version when goods or quantities last changed: a reminder that names an older one does not hold any more. At
    `silent_since` its customer ordered: nobody is to be reminded of it until its goods change.
    """

    cart: Cart
    inventory: dict[str, int | None]
    prices: dict[UUID, int]
    recipient: CartRecipient | None
    recipient_id: str | None = Field(
        description="Who is written to about a guest's cart, if one has left an address.",
        examples=["guest:0f3c5a7e9b1d4826a0c4e8f213579bdf"],
    )
    goods_version: int
    silent_since: AwareDatetime | None
    recovery_url: str
    as_of: AwareDatetime


class CartIds(BaseModel):
    """The carts to look at; one that is named twice is looked at once."""

    cart_ids: list[UUID] = Field(min_length=1, max_length=MAX_LOOKS)


class CartSnapshots(BaseModel):
    """What is known of the carts that were asked for, all at one moment, in no order; a cart that the store does not
    have is not among them.
    """

    looks: list[CartSnapshot]


class OrderNow(BaseModel):
    """An order as it stands: the lines that are still in it, as far as its carts knew them. `total` is in minor units
    of `currency`.
    """

    order_id: str
    status: Literal["placed", "payment_failed", "shipped", "delivered", "cancelled", "returned"]
    placed_at: AwareDatetime
    currency: str | None
    total: int | None
    lines: list[CartLine]
    tracking_url: str | None


class WatchedItem(BaseModel):
    """The item that was asked for, as the customer who waits for it saw it."""

    sku: str
    title: str | None
    url: str | None
    image_url: str | None


class ViewedItem(BaseModel):
    """A product that the customer looked at, as the page told of it."""

    sku: str
    title: str | None
    url: str | None
    image_url: str | None


class CustomerSnapshot(BaseModel):
    """A customer as a message that is about no cart finds them: who may be written to, their open cart or an empty one
    (`id` null), the levels of its skus and of the one that was asked for, the order that was asked for (null if it is
    not theirs), whether they wait for that sku (null if not), what they looked at of what was asked
    for, when they last ordered.

    Without a cart `recovery_url` leads to the shop.
    """

    cart: Cart
    inventory: dict[str, int | None]
    recipient: CustomerRecipient | None
    goods_version: int | None
    silent_since: AwareDatetime | None
    order: OrderNow | None
    watched: WatchedItem | None
    viewed: list[ViewedItem]
    ordered_at: AwareDatetime | None
    recovery_url: str
    as_of: AwareDatetime
