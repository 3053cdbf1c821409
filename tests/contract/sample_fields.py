"""What one example of every event says: every field, set to something that is not its default."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from libs.contracts import events as e

AT = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)
CART = UUID("01960000-0000-7000-8000-00000000ca27")
GUEST_CART = UUID("01960000-0000-7000-8000-0000000009e5")
LINE = UUID("01960000-0000-7000-8000-0000000011e0")
REMINDER = UUID("5f0c2b5e-7f0b-5c1d-9a50-0000000ec0de")
WATCH = UUID("01960000-0000-7000-8000-00000000a7c4")
ERASURE = UUID("01960000-0000-7000-8000-00000000e7a5")

_ORDERED = (e.OrderedLine(sku="LAMP-1", units=1, price=2500), e.OrderedLine(sku="Schirm-grün", units=1))
_UPDATE: dict[str, Any] = {
    "order_id": "o-1001",
    "store_id": "lantern",
    "customer_id": "c-42",
    "cart_id": CART,
    "happened_at": AT,
    "goods": {"LAMP-1": 1},
    "mismatch": "quantity",
    "reopened": (GUEST_CART,),
    "currency": "EUR",
    "total": 2900,
    "lines": _ORDERED,
    "channel": "web",
    "placed_at": AT.replace(day=12),
}
_CART: dict[str, Any] = {
    "cart_id": CART,
    "store_id": "lantern",
    "customer_id": "c-42",
    "cart_version": 7,
    "currency": "EUR",
    "total": 5400,
    "units": 3,
    "holds": {"LAMP-1": 2, "Schirm-grün": 1},
    "device": "phone",
    "goods_version": 5,
    "changed": ("goods", "owner"),
    "silent": True,
    "recipient_id": "guest:0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "lines": (e.CartLine("LAMP-1", 2, 2500), e.CartLine("RUG-9", 1, 9900, saved=True, currency="PLN")),
    "origin": "staff",
}
_CLOSED = _CART | {"total": 10, "units": 1, "holds": {"LAMP-1": 1}}
_MESSAGE: dict[str, Any] = {
    "reminder_id": REMINDER,
    "store_id": "lantern",
    "customer_id": "c-42",
    "campaign": "abandoned_cart",
    "kind": "abandoned_cart",
    "step": 2,
    "channel": "sms",
    "cart_id": CART,
    "order_id": "o-1001",
    "sku": "LAMP-1",
    "variant": "b",
    "reason": "ordered",
    "provider_id": "SM0123456789abcdef0123456789abcdef",
    "provider": "twilio",
}
_DECIDED: dict[str, Any] = {
    "reminder_id": REMINDER,
    "store_id": "lantern",
    "customer_id": "c-42",
    "campaign": "cart",
    "kind": "abandoned_cart",
    "campaign_version": "7",
    "step": 2,
    "step_name": "offer",
    "channel": "sms",
    "arm": "coupon",
    "outcome": "skipped",
    "reason": "expired",
    "cart_id": CART,
    "cart_version": 7,
    "sku": "LAMP-1",
    "order_id": "o-1001",
    "total": 5400,
    "currency": "EUR",
    "due_at": AT,
    "decided_at": AT,
}
_REMINDER: dict[str, Any] = {
    "reminder_id": REMINDER,
    "store_id": "lantern",
    "customer_id": "c-42",
    "campaign": "low_stock",
    "kind": "low_stock",
    "step": 1,
    "channel": "email",
    "channels": ("email", "sms"),
    "template": "low_stock",
    "cart_id": CART,
    "cart_version": 7,
    "order_id": "o-1001",
    "sku": "LAMP-1",
    "threshold": 5,
    "also_low": (e.LowItem(sku="RUG-9", threshold=3),),
    "quiet_since": AT.replace(hour=12),
    "exit_on": ("order.placed",),
    "price": 9900,
    "viewed": ("RUG-9", "Schirm-grün"),
    "due_at": AT,
    "expires_at": AT.replace(hour=19),
    "variant": "a",
    "coupon": "BACK10",
    "coupon_from": e.CouponFrom(pool="back10", valid_seconds=172_800, if_empty="send"),
    "times_abandoned": 2,
}
_REACH: dict[str, Any] = {
    "store_id": "lantern",
    "customer_id": "c-42",
    "reach_version": 1768478400000000,
    "email": True,
    "sms": False,
    "timezone": "Europe/Warsaw",
    "country": "PL",
    "region": "14",
    "channels": ("telegram",),
}
_PROFILE: dict[str, Any] = {
    "store_id": "lantern",
    "customer_id": "c-42",
    "profile_version": 4,
    "email": "zoë@example.com",
    "phone": "+12025550143",
    "name": "Zoë Example",
    "locale": "pl",
    "timezone": "Europe/Warsaw",
    "country": "PL",
    "region": "14",
    "email_consent": True,
    "sms_consent": True,
    "email_consent_at": AT.replace(day=1),
    "sms_consent_at": AT.replace(day=2),
    "unconfirmed": ("sms",),
    "handles": {"telegram": e.Handle(handle="4711000815", consent=True, consent_at=AT.replace(day=3))},
}
_CROSSED: dict[str, Any] = {
    "store_id": "lantern",
    "sku": "LAMP-1",
    "location": "Köln",
    "category": "lamps",
    "available": 4,
    "level_version": 12,
    "threshold": 5,
    "rearm_above": 3,
}
_MESSAGES = e.StoreMessages(
    email_from="hello@lantern.example",
    email_provider="ses",
    email_fail_over=("smtp",),
    sms_from="+15005550006",
    sms_provider="vonage",
    sms_fail_over=("twilio",),
    delivery="at_least_once",
    email_cap_hours=8,
    sms_cap_hours=36,
    quiet_hours="22:00-08:00",
    accent="#b45309",
    logo_url="https://lantern.example/logo.png",
    postal_address="Lantern & Loom, Długa 1, Gdańsk",
    messages_days=200,
    replies_days=30,
    templates="lantern",
    channels={
        "whatsapp": e.StoreChannel(
            sender="106540352242922",
            providers=("whatsapp",),
            cap_hours=48,
            templates={
                "abandoned_cart_1": e.StoreTemplate(
                    name="cart_left", languages={"pl": "pl"}, parameters=("name",), named=True, button=True
                )
            },
        )
    },
)
_STORE: dict[str, Any] = {
    "store_id": "lantern",
    "store_version": 3,
    "name": "Lantern & Loom",
    "locale": "pl",
    "time_zone": "Europe/Warsaw",
    "hosts": ("lantern.example", "pictures.example"),
    "currency": "EUR",
    "currencies": ("EUR", "PLN"),
    "messages": _MESSAGES,
}
_ERASURE: dict[str, Any] = {"erasure_id": ERASURE, "store_id": "lantern"}
_PLACE = e.Place(place="topic message.events", done="expires", rows=3, gone_by=AT.replace(month=4))
_LEVEL: dict[str, Any] = {"store_id": "lantern", "sku": "LAMP-1", "available": 4, "level_version": 12}
_WATCH: dict[str, Any] = {
    "watch_id": WATCH,
    "watch_version": 2,
    "store_id": "lantern",
    "customer_id": "c-42",
    "sku": "LAMP-1",
    "set_at": AT.replace(hour=9),
}
FIELDS: tuple[tuple[type[e.Event], dict[str, Any]], ...] = (
    (e.LineAdded, _CART | {"line_id": LINE, "sku": "LAMP-1", "added": 1, "quantity": 2, "asked_price": 2500}),
    (e.LineQuantitySet, _CART | {"line_id": LINE, "sku": "LAMP-1", "previous": 5, "quantity": 2}),
    (e.LineRemoved, _CART | {"line_id": LINE, "sku": "RUG-9", "previous": 1}),
    (e.CartCleared, _CART | {"skus": ("LAMP-1", "RUG-9")}),
    (e.CartClaimed, _CART),
    (e.CartMerged, _CART | {"from_cart_id": GUEST_CART}),
    (e.CartMergedAway, _CLOSED | {"into_cart_id": CART}),
    (e.CartOrdered, _CLOSED | {"order_id": "o-1001"}),
    (e.CartExpired, _CLOSED),
    (
        e.OrderPlaced,
        {
            "order_id": "o-1001",
            "store_id": "lantern",
            "customer_id": "c-42",
            "cart_id": CART,
            "currency": "EUR",
            "total": 5400,
            "skus": ("LAMP-1", "Schirm-grün"),
            "mismatches": (
                e.OrderMismatch(cart_id=CART, field="units", cart=1, order=2, sku="LAMP-1"),
                e.OrderMismatch(cart_id=CART, field="already_ordered", cart="o-1000", order="o-1001"),
            ),
            "told_before": True,
            "lines": _ORDERED,
            "channel": "web",
            "placed_at": AT.replace(day=12),
            "status": "shipped",
        },
    ),
    (e.LevelSet, _LEVEL | {"threshold": 5, "rearm_above": 3, "category": "lamps", "backorder": True}),
    (e.ProfileSet, _PROFILE),
    (e.ProfileErased, {"store_id": "lantern", "customer_id": "c-42"}),
    (e.ReminderRequested, _REMINDER),
    (e.MessageSent, _MESSAGE | {"coupon_pool": "back10"}),
    (e.MessageCancelled, _MESSAGE),
    (e.MessageExpired, _MESSAGE),
    (e.MessageFailed, _MESSAGE),
    (e.MessageUnknown, _MESSAGE),
    (e.CartDetailsSet, _CART),
    (e.CartErased, _CLOSED),
    (e.ErasureRequested, _ERASURE | {"customer_ids": ("c-42", "card-7"), "profile_version": 9}),
    (e.CustomerErased, _ERASURE | {"service": "notifier", "places": (_PLACE,)}),
    (e.ErasureCompleted, {"erasure_id": ERASURE}),
    (e.OrderCancelled, _UPDATE | {"status": "cancelled"}),
    (e.OrderReturned, _UPDATE | {"status": "returned"}),
    (e.OrderShipped, _UPDATE | {"status": "shipped", "tracking_url": "https://parcels.example/1001"}),
    (e.OrderDelivered, _UPDATE | {"status": "delivered"}),
    (e.LevelLow, _CROSSED),
    (e.LevelRecovered, _CROSSED | {"available": 15, "level_version": 13}),
    (e.StoreDescribed, _STORE),
    (e.StoreClosed, {"store_id": "lantern"}),
    (e.CartSilenced, _CART | {"order_id": "o-1001"}),
    (e.CartReopened, _CART | {"order_id": "o-1001", "from_cart_id": GUEST_CART}),
    (e.OrderPaymentFailed, _UPDATE | {"status": "payment_failed"}),
    (e.ReachSet, _REACH),
    (e.ReachErased, {"store_id": "lantern", "customer_id": "c-42"}),
    (e.ReminderDecided, _DECIDED),
    (
        e.PriceSet,
        {
            "store_id": "lantern",
            "sku": "RUG-9",
            "price_version": 4,
            "prices": (
                e.ToldPrice(currency="EUR", price=9900, previous=12900),
                e.ToldPrice(currency="EUR", price=14900, options={"size": "L"}),
            ),
        },
    ),
    (
        e.HorizonMoved,
        {"of": "cart.horizon", "until": AT.replace(second=20), "ends": {0: 17, 11: 2**33}, "recorded": True},
    ),
    (e.WatchSet, _WATCH),
    (e.WatchCleared, _WATCH | {"reason": "ordered"}),
    (e.CheckoutStarted, _CART),
    (e.MessageClicked, _MESSAGE | {"coupon_pool": "back10", "suspected": "first_seconds"}),
    (
        e.ConsentConfirmed,
        {
            "store_id": "lantern",
            "customer_id": "c-42",
            "channel": "sms",
            "profile_version": 4,
            "wording": "Do you want reminders about your cart from Lantern & Loom by text message?",
            "confirmed_at": AT.replace(hour=16),
        },
    ),
    (e.ProductViewed, {"store_id": "lantern", "customer_id": "c-42", "skus": ("LAMP-1", "Schirm-grün")}),
    (e.MessageDelivered, _MESSAGE),
    (e.MessageBounced, _MESSAGE | {"weight": "soft", "status": "4.2.2"}),
    (e.MessageComplained, _MESSAGE),
    (e.MessageOpened, _MESSAGE | {"prefetch": "apple_mail"}),
    (
        e.PreferencesSet,
        {
            "store_id": "lantern",
            "customer_id": "c-42",
            "wanted": {"email": ("cart_reminders", "stock_alerts"), "sms": ()},
            "paused_until": AT.replace(month=4),
            "reminder_id": REMINDER,
            "page": "preference_centre",
            "wording": "Choose what Lantern & Loom may send you. Marketing by e-mail: no",
            "changed_at": AT.replace(hour=16),
        },
    ),
    (
        e.SubscriptionRequested,
        {
            "store_id": "lantern",
            "customer_id": "c-42",
            "sku": "LAMP-1",
            "order_id": "o-1001",
            "every": "month",
            "wording": "Do you confirm that you would like to have this product from Lantern & Loom every month?",
            "confirmed_at": AT.replace(hour=16),
        },
    ),
    (
        e.ConsentGiven,
        {
            "store_id": "lantern",
            "customer_id": "c-42",
            "channel": "email",
            "profile_version": 7,
            "reminder_id": REMINDER,
            "page": "preference_centre",
            "wording": "May Lantern & Loom write to you here: about your cart, and with offers?",
            "given_at": AT.replace(hour=16),
        },
    ),
    (e.MessageUnsubscribed, _MESSAGE | {"by": "preferences"}),
    (
        e.AssetsSet,
        {
            "store_id": "lantern",
            "assets_version": 1768478400000000,
            "templates": {
                "abandoned_cart": ("email", "sms", "whatsapp", "telegram"),
                "lookbook": ("email", "whatsapp"),
            },
            "pools": ("back10", "welcome"),
        },
    ),
)
