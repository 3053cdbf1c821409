"""The shapes of answers, for the OpenAPI document. Answers themselves are built as bytes."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.cart.cart import Status
from services.cart.commands import Level
from services.cart.merge import Fate
from services.cart.profile import Contact


class CartLine(BaseModel):
    """One sku with one choice of options; prices in minor units of the cart's currency."""

    line_id: UUID
    sku: str
    options: dict[str, str]
    title: str
    price: int
    quantity: int
    total: int
    image_url: str | None
    url: str | None
    device: str | None
    added_at: AwareDatetime
    updated_at: AwareDatetime
    note: str | None = None


class SavedCartLine(CartLine):
    """A line that is set aside: it counts in no total. Its prices are in minor units of its own currency."""

    currency: str


class CartAnswer(BaseModel):
    """A cart; `id` is null and `version` 0 where there is none yet."""

    model_config = ConfigDict(title="Cart")

    id: UUID | None
    store_id: str
    customer_id: str | None
    status: Status
    version: int
    currency: str | None
    lines: list[CartLine]
    units: int
    total: int
    created_at: AwareDatetime | None
    updated_at: AwareDatetime | None
    saved: list[SavedCartLine]
    attributes: dict[str, str]


class RecoveredCart(CartAnswer):
    """A cart as a recovery link shows it: without its customer."""

    recovered: Literal[True]


class TokenAnswer(BaseModel):
    """A guest's cart token; send it as X-Cart-Token and keep it secret."""

    cart_token: str = Field(examples=["g1_1tS5mXo0…"])


class MergedLineAnswer(BaseModel):
    """What became of one line of the guest's cart."""

    line_id: UUID
    sku: str
    title: str
    fate: Fate
    quantity: int
    guest_quantity: int
    reason: Literal["currency", "limit"] | None


class MergeAnswer(BaseModel):
    """What log-in did with the guest's cart; `claimed` is false where there was nothing to take over."""

    mode: Literal["max"]
    from_cart_id: UUID | None
    claimed: bool
    lines: list[MergedLineAnswer]


class ClaimAnswer(BaseModel):
    """The customer's cart after log-in."""

    cart: CartAnswer
    merge: MergeAnswer


class OrderAnswer(BaseModel):
    """An accepted order and the carts that it closed."""

    order_id: str
    closed_carts: list[UUID]


class LevelsAnswer(BaseModel):
    """The levels as they are now; `changed` counts those that were not so before."""

    levels: list[Level]
    changed: int


class ProfileVersion(BaseModel):
    """A stored profile, without what stands in it."""

    customer_id: str
    version: int


class ProfileAnswer(Contact):
    """How a customer may be reached."""

    store_id: str
    customer_id: str
    version: int
    updated_at: AwareDatetime


class LookAnswer(BaseModel):
    """A cart, the levels of its skus, and a link that opens it for 30 days from `as_of`."""

    cart: CartAnswer
    inventory: dict[str, int | None]
    recovery_url: str
    as_of: AwareDatetime


class CartsAnswer(BaseModel):
    """Carts, newest first."""

    carts: list[CartAnswer]


class Fault(BaseModel):
    """One faulty field: a JSON Pointer (RFC 6901) and the rule that it breaks."""

    pointer: str
    detail: str


class ProblemAnswer(BaseModel):
    """A problem document (RFC 9457). Programs go by `type`, people by `detail`."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: str = Field(examples=["urn:evercart:problem:unknown-line"])
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None
