"""Every fact that the parts tell each other, in the past tense.

An event only ever gains optional fields. Anything else is a new `version` with an upcaster in `codec.py`;
the golden files of every version under `tests/contract` stay readable.
"""

from libs.contracts.events.base import Event
from libs.contracts.events.cart import (
    CartClaimed,
    CartCleared,
    CartDetailsSet,
    CartErased,
    CartEvent,
    CartExpired,
    CartMerged,
    CartMergedAway,
    CartOrdered,
    LineAdded,
    LineQuantitySet,
    LineRemoved,
    OrderPlaced,
)
from libs.contracts.events.customer import (
    ProfileErased,
    ProfileSet,
)
from libs.contracts.events.erasure import CustomerErased, ErasureCompleted, ErasureRequested, Place
from libs.contracts.events.inventory import LevelSet
from libs.contracts.events.messages import (
    CampaignKind,
    Channel,
    MessageCancelled,
    MessageEvent,
    MessageExpired,
    MessageFailed,
    MessageSent,
    MessageUnknown,
    ReminderRequested,
)
from libs.contracts.events.orders import (
    OrderCancelled,
    OrderDelivered,
    OrderEvent,
    OrderReturned,
    OrderShipped,
)

__all__ = [
    "EVENTS",
    "CampaignKind",
    "CartClaimed",
    "CartCleared",
    "CartDetailsSet",
    "CartErased",
    "CartEvent",
    "CartExpired",
    "CartMerged",
    "CartMergedAway",
    "CartOrdered",
    "Channel",
    "CustomerErased",
    "ErasureCompleted",
    "ErasureRequested",
    "Event",
    "LevelSet",
    "LineAdded",
    "LineQuantitySet",
    "LineRemoved",
    "MessageCancelled",
    "MessageEvent",
    "MessageExpired",
    "MessageFailed",
    "MessageSent",
    "MessageUnknown",
    "OrderCancelled",
    "OrderDelivered",
    "OrderEvent",
    "OrderPlaced",
    "OrderReturned",
    "OrderShipped",
    "Place",
    "ProfileErased",
    "ProfileSet",
    "ReminderRequested",
]

EVENTS: tuple[type[Event], ...] = (
    LineAdded,
    LineQuantitySet,
    LineRemoved,
    CartCleared,
    CartDetailsSet,
    CartClaimed,
    CartMerged,
    CartMergedAway,
    CartOrdered,
    CartExpired,
    CartErased,
    OrderPlaced,
    OrderCancelled,
    OrderReturned,
    OrderShipped,
    OrderDelivered,
    LevelSet,
    ProfileSet,
    ProfileErased,
    ErasureRequested,
    CustomerErased,
    ErasureCompleted,
    ReminderRequested,
    MessageSent,
    MessageCancelled,
    MessageExpired,
    MessageFailed,
    MessageUnknown,
)
