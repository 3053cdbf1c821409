"""The shapes of answers, for the OpenAPI document. Answers themselves are built as bytes."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.cart.domain.cart import Status
from services.cart.domain.copy_cart import Fate as CopyFate
from services.cart.domain.customers.profile import Contact
from services.cart.domain.notice import Kind


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
    history: list[tuple[int, int]] = []
    changed_at: list[int] = []
    fixed_price: bool = Field(default=False, description="Whether a server of the shop has set its price.")


class SavedCartLine(CartLine):
    """A line that is set aside: it counts in no total. Its prices are in minor units of its own currency."""

    currency: str


class Notice(BaseModel):
    """What changed since the customer last looked: `before` and `after` are prices in minor units, or units.

    `price_taken` is told once, in the answer to an add: the page asked `before`, the line costs `after`.
    """

    notice_id: UUID
    kind: Kind
    line_id: UUID
    sku: str
    title: str
    before: int | None
    after: int | None
    at: AwareDatetime


class Cart(BaseModel):
    """A cart; `id` is null and `version` 0 where there is none yet."""

    model_config = ConfigDict(title="Cart")

    id: UUID | None
    store_id: str
    customer_id: str | None
    status: Status
    version: int
    currency: str | None
    exponent: int | None
    lines: list[CartLine]
    units: int
    total: int
    created_at: AwareDatetime | None
    updated_at: AwareDatetime | None
    saved: list[SavedCartLine]
    attributes: dict[str, str]
    notices: list[Notice] | None = Field(
        default=None,
        description="Told where the shopper reads the cart; in the answer to a write, what it did to prices.",
    )


class LinkedLine(BaseModel):
    """One line as a link shows it; prices in minor units of the cart's currency."""

    model_config = ConfigDict(extra="forbid")

    line_id: UUID
    sku: str
    options: dict[str, str]
    title: str
    price: int
    quantity: int
    total: int
    image_url: str | None
    url: str | None


class LinkedCart(BaseModel):
    """The goods in a cart, and nothing of whose they are: links are passed on."""

    model_config = ConfigDict(extra="forbid")

    store_id: str
    currency: str | None
    exponent: int | None
    lines: list[LinkedLine]
    units: int
    total: int
    updated_at: AwareDatetime


class RecoveredCart(LinkedCart):
    """What a recovery link shows: the goods, and which cart and version an order of them would have to name."""

    id: UUID
    version: int
    recovered: Literal[True]


class ShareLink(BaseModel):
    """A link to a shared cart; `url` is null where the store has no page for it."""

    share_token: str
    url: str | None
    expires_at: AwareDatetime


class SharedCart(LinkedCart):
    """What a shared link shows: the goods."""

    shared: Literal[True]
    expires_at: AwareDatetime


class CopiedLine(BaseModel):
    """What became of one shared line; `cut` and `not_added` come with a reason."""

    line_id: UUID
    sku: str
    title: str
    fate: CopyFate
    quantity: int
    shared_quantity: int
    reason: Literal["currency", "limit"] | None


class CopyResult(BaseModel):
    """One's own cart after a shared one was copied into it."""

    cart: Cart
    lines: list[CopiedLine]


class GuestToken(BaseModel):
    """A guest's cart token; send it as X-Cart-Token and keep it secret."""

    cart_token: str


class ProfileVersion(BaseModel):
    """A stored profile, without what stands in it."""

    customer_id: str
    version: int


class Profile(Contact):
    """How a customer may be reached."""

    store_id: str
    customer_id: str
    version: int
    updated_at: AwareDatetime


class CartPage(BaseModel):
    """A page of carts, newest first."""

    carts: list[Cart]
    next: UUID | None


class FieldError(BaseModel):
    """One faulty field: a JSON Pointer (RFC 6901) and the rule that it breaks."""

    pointer: str
    detail: str


class ProblemDocument(BaseModel):
    """A problem document (RFC 9457). Programs go by `type`, people by `detail`."""

    model_config = ConfigDict(title="Problem", extra="allow")

    type: str = Field(examples=["urn:evercart:problem:unknown-line"])
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None
