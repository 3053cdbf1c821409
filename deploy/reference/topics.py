"""What every topic is for: what of it the contracts can't say, because it is between the services."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from libs.contracts.topics import (
    CAMPAIGN_ASSETS,
    CART_EVENTS,
    CART_HORIZON,
    CUSTOMER_CONSENTS,
    CUSTOMER_ERASURES,
    CUSTOMER_PROFILES,
    CUSTOMER_REACH,
    INVENTORY_CROSSINGS,
    INVENTORY_FEED,
    INVENTORY_LEVELS,
    MESSAGE_EVENTS,
    ORDERS_FEED,
    PRICE_LEVELS,
    REMINDER_DECISIONS,
    REMINDER_REQUESTS,
    STORES,
    Topic,
)

SHOP = "the shop"
"""Whoever has connected its own systems: reads what it likes, and writes the feeds."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a topic is `about`, what its `key` names, which services write and read it."""

    topic: Topic
    about: str
    key: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]

    @property
    def fed(self) -> bool:
        """Whether the shop writes it, as plain JSON, and no service."""
        return self.writers == (SHOP,)


_ITEM = "store and item, `store_id:sku`"
_CUSTOMER = "store and customer, `store_id:customer_id`"

PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        purpose.topic.name: purpose
        for purpose in (
            Purpose(
                CART_EVENTS,
                "What happened to carts, each event with the state of its cart after it, and to orders.",
                "the cart (`cart_id`); of an order without a cart the customer, or else the order; of a watch the "
                "watch (`watch_id`), of what was looked at the customer",
                ("cart",),
                ("trigger", "console"),
            ),
            Purpose(
                CART_HORIZON,
                "How far `cart.events` is told: whoever has read up to these offsets has read all that occurred up to "
                "that moment. One record, several times a second while anything moves.",
                "the topic that is spoken of",
                ("cart",),
                ("trigger",),
            ),
            Purpose(
                INVENTORY_LEVELS,
                "How many units of an item can be sold: the newest record of an item is what holds.",
                _ITEM,
                ("cart",),
                ("trigger",),
            ),
            Purpose(
                PRICE_LEVELS,
                "What items cost, as their stores have told: the newest record of an item is what holds.",
                _ITEM,
                ("cart",),
                ("trigger",),
            ),
            Purpose(
                INVENTORY_CROSSINGS,
                "Levels that fell to their threshold, or rose clear of it: to reorder, or to tell somebody.",
                _ITEM,
                ("cart",),
                ("console",),
            ),
            Purpose(
                CUSTOMER_PROFILES,
                "How customers may be reached, and what they consented to. **The only topic with personal data**: "
                "guard it, and forget who a tombstone says is erased.",
                _CUSTOMER,
                ("cart",),
                ("notifier",),
            ),
            Purpose(
                CUSTOMER_REACH,
                "By which channels customers may be written to now, and in which time zone they are: the newest "
                "record of a customer is what holds. No address is among it.",
                _CUSTOMER,
                ("notifier",),
                ("trigger",),
            ),
            Purpose(
                CUSTOMER_CONSENTS,
                "What people have agreed to on their page, and answers of those who were asked whether an address is "
                "theirs, for the cart to write down. No address is among it.",
                _CUSTOMER,
                ("notifier",),
                ("cart",),
            ),
            Purpose(
                CUSTOMER_ERASURES,
                "Who is to be forgotten, and what each service has done about it. A system of yours that keeps "
                "anything of customers reads it, too.",
                "the erasure (`erasure_id`), and of an answer the service with it, `erasure_id:service`",
                ("cart", "trigger", "notifier", "console"),
                ("cart", "trigger", "notifier", "console"),
            ),
            Purpose(
                STORES,
                "What each store is, as far as others have to know it: the newest record of a store is what holds, and "
                "a tombstone says that it is closed. No secret is among it.",
                "the store (`store_id`)",
                ("cart",),
                ("notifier", "trigger", "console"),
            ),
            Purpose(
                CAMPAIGN_ASSETS,
                "Which templates and pools of coupons there are for a store's campaigns: the newest record of a store "
                "is what holds. Names alone: no words of messages, and no codes.",
                "the store (`store_id`)",
                ("notifier",),
                ("trigger",),
            ),
            Purpose(
                REMINDER_REQUESTS,
                "Reminders that are due. Whether one is sent is decided only when all is looked at once more.",
                "the customer (`customer_id`)",
                ("trigger",),
                ("notifier",),
            ),
            Purpose(
                REMINDER_DECISIONS,
                "What was decided about reminders for everybody who has a recipient, also not to ask for one, and why: "
                "to count.",
                "the customer (`customer_id`)",
                ("trigger",),
                ("console",),
            ),
            Purpose(
                MESSAGE_EVENTS,
                "What became of reminders: sent or not, and why, and what was heard of them afterwards: delivered, "
                "bounced, called spam, opened, whose link was followed, by which somebody left.",
                "the customer (`customer_id`)",
                ("notifier",),
                ("trigger", "console"),
            ),
            Purpose(
                ORDERS_FEED,
                "Orders as your systems know them, and what becomes of them: the same as by the API.",
                "the order (`order_id`), so that what is told of it is read in its order",
                (SHOP,),
                ("cart",),
            ),
            Purpose(
                INVENTORY_FEED,
                "Levels and prices as your systems know them: the same as by the API.",
                "the item (`sku`), so that what is told of it is read in its order",
                (SHOP,),
                ("cart",),
            ),
        )
    }
)
"""Topic without prefix → what it is for."""
