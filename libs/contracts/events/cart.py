"""What happened to a cart, and orders."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.contracts.events.base import Event, Minor, OrderId, Sku, StoreId, Units
from libs.contracts.events.lines import CartLines, OrderedLines
from libs.contracts.topics import CART_EVENTS

GUESTS = "guest:"
"""How the ids of guests begin who have left an address; they are profiles' `customer_id`, and no cart's."""

LineId = Annotated[UUID, Field(description="The line.")]


class CartEvent(Event):
    """What happened to one cart, with the cart's state after it.

    `cart_version` counts the cart's changes from 1. `total` is in minor units of `currency`. `holds` maps each sku in
    the cart to its units after the change, so that a reader of the newest event alone knows the cart.

    Records of before have neither `goods_version` nor `changed`: each of them may have changed the goods.
    """

    topic: ClassVar[str] = CART_EVENTS.name
    closes: ClassVar[bool] = False

    cart_id: UUID = Field(description="The cart.")
    store_id: StoreId
    customer_id: str | None = Field(default=None, description="Whose cart it is; none of a guest's.")
    cart_version: int = Field(ge=1, description="Counts the cart's changes.")
    currency: str | None = Field(default=None, description="Of `total`: ISO 4217.")
    total: Minor = Field(default=0, description="What the goods cost, in minor units.")
    units: Units = Field(default=0, description="How many units are in the cart.")
    holds: dict[str, int] = Field(default_factory=dict, description="What is in the cart: sku to units.")
    device: str | None = Field(default=None, description="A word of the shop for where it was done, such as `phone`.")
    goods_version: int | None = Field(
        default=None, ge=1, description="Its version when goods or quantities last changed; reminders name it."
    )
    changed: tuple[str, ...] | None = Field(
        default=None,
        description="What changed: `goods`, `prices`, `notes`, `attributes`, `saved`, `owner`, `closed`, or a new one.",
    )
    silent: bool | None = Field(
        default=None, description="Whether its customer ordered: nobody is to be reminded of it until goods change."
    )
    lines: CartLines | None = Field(
        default=None,
        description="What is in it, and what is saved for later, at which price; of a closed cart nothing.",
    )
    origin: str | None = Field(
        default=None,
        description="Who did it where it was no shopper: `staff`, `bot`, `import` or a new word. It reminds nobody.",
    )

    recipient_id: str | None = Field(
        default=None, description="Whom to write to about a guest's cart who has left an address: nobody logs in as it."
    )

    @property
    def recipient(self) -> str | None:
        """Whom to write to about it: its customer, or a guest who has left an address."""
        return self.customer_id or self.recipient_id

    @property
    def goods(self) -> int:
        """`goods_version`, or where that is not told the version of the event."""
        return self.goods_version or self.cart_version

    def key(self) -> str:
        """One cart, one partition."""
        return str(self.cart_id)


class LineAdded(CartEvent):
    """`added` units came to a line that holds `quantity` now.

    The page that added them asked `asked_price` a unit where that is told: the line costs what the shop says instead.
    """

    type: ClassVar[str] = "cart.line_added"
    line_id: LineId
    sku: Sku
    added: int = Field(description="Units that came.")
    quantity: Units = Field(description="Units of the line now.")
    asked_price: Minor | None = Field(
        default=None, description="What its page asked for a unit, in minor units, where the shop's price was taken."
    )


class LineQuantitySet(CartEvent):
    """A line was set from `previous` to `quantity` units."""

    type: ClassVar[str] = "cart.line_quantity_set"
    line_id: LineId
    sku: Sku
    previous: Units = Field(description="Units of the line before.")
    quantity: Units = Field(description="Units of the line now.")


class LineRemoved(CartEvent):
    """A line of `previous` units was taken out."""

    type: ClassVar[str] = "cart.line_removed"
    line_id: LineId
    sku: Sku
    previous: Units = Field(description="Units of the line before.")


class CartCleared(CartEvent):
    """All lines were taken out at once."""

    type: ClassVar[str] = "cart.cleared"
    skus: tuple[str, ...] = Field(default=(), description="What was in the cart.")


class CartDetailsSet(CartEvent):
    """What is bought stayed; a note, an attribute or what is saved for later changed."""

    type: ClassVar[str] = "cart.details_set"


class CheckoutStarted(CartEvent):
    """Its shopper has begun to pay for the goods that are in it: told once for the same goods."""

    type: ClassVar[str] = "checkout.started"


class CartClaimed(CartEvent):
    """A guest's cart became the cart of the customer who logged in; its id stays."""

    type: ClassVar[str] = "cart.claimed"


class CartMerged(CartEvent):
    """The lines of a guest's cart came into this customer's cart, or went back to it when that was undone."""

    type: ClassVar[str] = "cart.merged"
    from_cart_id: UUID = Field(description="The guest's cart.")


class CartMergedAway(CartEvent):
    """This guest's cart was closed: its lines live on in `into_cart_id`."""

    type: ClassVar[str] = "cart.merged_away"
    closes: ClassVar[bool] = True
    into_cart_id: UUID = Field(description="The customer's cart.")


class CartOrdered(CartEvent):
    """This cart was closed by an order."""

    type: ClassVar[str] = "cart.ordered"
    closes: ClassVar[bool] = True
    order_id: OrderId


class CartSilenced(CartEvent):
    """Its customer has ordered: reminders of this cart end. The cart is as it was, and so is its version."""

    type: ClassVar[str] = "cart.silenced"
    order_id: OrderId


class CartReopened(CartEvent):
    """Goods of an order that came to nothing are in a cart again: this one, or a new one under this id."""

    type: ClassVar[str] = "cart.reopened"
    order_id: OrderId
    from_cart_id: UUID = Field(description="The cart that the order had closed.")


class CartExpired(CartEvent):
    """This cart was closed because nobody had touched it for the store's expiry time."""

    type: ClassVar[str] = "cart.expired"
    closes: ClassVar[bool] = True


class CartErased(CartEvent):
    """This cart is gone with its customer, whom the event does not name."""

    type: ClassVar[str] = "cart.erased"
    closes: ClassVar[bool] = True


class OrderMismatch(BaseModel):
    """Where an order and a cart that it has to do with do not agree: what the cart says and what the order says."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    cart_id: UUID = Field(description="The cart.")
    field: str = Field(
        description="`units`, `price`, `total`, `currency`, `cart_version`, `customer`, `already_ordered` or a new one."
    )
    cart: str | int | None = Field(default=None, description="As the cart says; of `already_ordered` its order.")
    order: str | int | None = Field(default=None, description="As the order says; of `customer` neither is told.")
    sku: str | None = Field(default=None, description="The item, where it is about one.")


class OrderPlaced(Event):
    """An order, whether or not a cart led to it. `total` is in minor units of `currency`."""

    type: ClassVar[str] = "order.placed"
    topic: ClassVar[str] = CART_EVENTS.name

    order_id: OrderId
    store_id: StoreId
    customer_id: str | None = Field(default=None, description="Who ordered, if that is known.")
    cart_id: UUID | None = Field(default=None, description="The cart that led to it, if one did.")
    currency: str | None = Field(default=None, description="Of `total`: ISO 4217.")
    total: Minor | None = Field(default=None, description="What the order costs, in minor units.")
    skus: tuple[str, ...] = Field(default=(), description="What was ordered.")
    mismatches: tuple[OrderMismatch, ...] | None = Field(
        default=None, description="Where it does not agree with its carts, though it stands."
    )
    told_before: bool | None = Field(
        default=None,
        description="True where an order of this id was told before: more is known of it, or it is placed anew after "
        "it came to nothing. Count orders by their ids.",
    )
    lines: OrderedLines | None = Field(default=None, description="What was bought, where the order said it.")
    channel: str | None = Field(default=None, description="A word of the shop for where it was placed, such as `pos`.")
    placed_at: AwareDatetime | None = Field(default=None, description="When it was placed, by the shop's clock.")
    status: str | None = Field(
        default=None, description="Of the order now, where it was told before: as in what becomes of orders."
    )

    def key(self) -> str:
        """The partition of the cart if there was one."""
        return str(self.cart_id or self.customer_id or self.order_id)

    def subject(self) -> str:
        """The order: its key may be of its cart or its customer."""
        return self.order_id
