"""One example of every event, and as releases of before wrote them; what they say stands in `sample_fields`."""

from typing import Any
from uuid import UUID

from libs.contracts import events as e
from tests.contract.sample_fields import AT, FIELDS


def _full(kind: type[e.Event], fields: dict[str, Any], number: int) -> e.Event:
    event_id = UUID(f"01960000-0000-7000-8000-{number:012x}")
    return kind.model_validate({"event_id": event_id, "occurred_at": AT} | fields)


def _minimal(event: e.Event) -> e.Event:
    required = {name for name, field in type(event).model_fields.items() if field.is_required()}
    required |= {"cart_id", "cart_version"} if isinstance(event, _MAY_LACK_CART) else set()
    return type(event).model_validate(event.model_dump(include=required))


_MAY_LACK_CART = (e.ReminderRequested, e.MessageEvent)
"""Version 1 of these has a cart, version 2 has none."""


def _before_lines(event: e.Event) -> e.Event:
    """As it was written before carts and orders told of their lines, and levels of categories."""
    if isinstance(event, e.OrderPlaced):
        return _without(event, "lines", "channel", "placed_at", "status")
    if isinstance(event, e.CartEvent):
        return _without(event, "lines", "origin")
    if isinstance(event, e.LevelSet):
        return _without(event, "category", "backorder")
    if isinstance(event, e.OrderEvent):
        return _without(event, "lines", "channel", "placed_at", "currency", "total", "tracking_url")
    return event


_OFFERING = (e.ReminderRequested, e.MessageSent, e.MessageClicked)


def _before_offers(event: e.Event) -> e.Event:
    """As it was written before a message could offer a code of a pool, and tell how often somebody left a cart, or what
    was fetched ahead of it.
    """
    names = ("coupon_from", "times_abandoned", "coupon_pool", "suspected")
    if isinstance(event, e.MessageOpened):
        return _without(event, "prefetch")
    return _without(event, *names) if isinstance(event, _OFFERING) else event


def _before_providers(event: e.Event) -> e.Event:
    """As it was written before messages told by whom they went."""
    return _without(event, "provider") if isinstance(event, e.MessageEvent) else event


def _before_channels(event: e.Event) -> e.Event:
    """As it was written before there were channels besides e-mail and texts."""
    if isinstance(event, e.ProfileSet):
        return _before_addresses(_without(event, "handles"))
    if isinstance(event, e.ReachSet):
        return _before_addresses(_without(event, "channels"))
    if isinstance(event, e.StoreDescribed) and event.messages:
        return event.model_copy(update={"messages": event.messages.model_copy(update={"channels": None})})
    return event


def _before_addresses(event: e.Event) -> e.Event:
    """As it was written before a profile told where its customer's address is."""
    return _without(event, "country", "region")


def _before_orders(event: e.Event) -> e.Event:
    """A store as it was described before it could name several providers, and its own currency."""
    said = event.model_dump(exclude={"currency"})
    if not said["messages"]:
        return type(event).model_validate(said)
    for name in ("email_fail_over", "sms_fail_over"):
        del said["messages"][name]
    return type(event).model_validate(said)


def _without(event: e.Event, *names: str) -> e.Event:
    """As it was written before these fields were added."""
    return type(event).model_validate(event.model_dump(exclude=set(names)))


def _with_messages(event: e.Event, **says: object) -> e.Event:
    described = event.model_dump()
    return type(event).model_validate(described | {"messages": described["messages"] | says})


FULL: dict[type[e.Event], e.Event] = {
    kind: _full(kind, fields, number) for number, (kind, fields) in enumerate(FIELDS, start=1)
}
"""Event class → an example with every field set."""

_CARTS = tuple(event for event in FULL.values() if isinstance(event, e.CartEvent))
_ORDERS = tuple(event for event in FULL.values() if isinstance(event, e.OrderEvent))
_NEW = (e.CartSilenced, e.CartReopened, e.CheckoutStarted)
_LATER = (
    {
        f"{event.type}.v1-with_goods": _without(_before_lines(event), "silent", "asked_price", "recipient_id")
        for event in _CARTS
        if type(event) not in _NEW
    }
    | {
        f"{event.type}.v1-with_silent": _without(_before_lines(event), "asked_price", "recipient_id")
        for event in _CARTS
    }
    | {f"{event.type}.v1-with_recipient": _before_lines(event) for event in _CARTS}
    | {f"{event.type}.v1-with_reopened": _before_lines(event) for event in _ORDERS}
    | {"order.placed.v1-with_mismatches": _without(_before_lines(FULL[e.OrderPlaced]), "told_before")}
    | {"order.placed.v1-told_before": _before_lines(FULL[e.OrderPlaced])}
    | {
        f"{event.type}.v1-with_lines": _without(event, "tracking_url")
        for event in (FULL[e.OrderPlaced], *_ORDERS, *_CARTS)
    }
    | {"order.shipped.v1-with_tracking": FULL[e.OrderShipped]}
    | {"store.described.v1-with_hosts": _without(_before_orders(FULL[e.StoreDescribed]), "currencies")}
    | {"store.described.v1-with_currencies": _before_orders(FULL[e.StoreDescribed])}
    | {
        "store.described.v1-with_soft_bounces": _with_messages(
            _before_orders(FULL[e.StoreDescribed]), soft_bounces="2 in 14d"
        )
    }
    | {"store.described.v1-with_fail_over": _without(FULL[e.StoreDescribed], "currency")}
    | {"store.described.v1-with_currency": FULL[e.StoreDescribed]}
    | {"cart.line_added.v1-with_asked_price": _without(_before_lines(FULL[e.LineAdded]), "recipient_id")}
)
_ABOUT_NO_CART = {
    f"{event.type}.v2-{shape}": one
    for event in FULL.values()
    if isinstance(event, _MAY_LACK_CART)
    for shape, one in (
        ("full", _without(event, "cart_id", "cart_version", "price", "viewed")),
        ("minimal", _without(_minimal(event), "cart_id", "cart_version")),
    )
} | {
    f"{event.type}.v1-with_order": _without(event, "price", "viewed")
    for event in FULL.values()
    if isinstance(event, _MAY_LACK_CART)
}


def _before_goods(event: e.Event) -> e.Event:
    """As it was written before carts told their `goods_version` and what `changed`."""
    return _without(
        _before_orders(event) if isinstance(event, e.StoreDescribed) else _before_lines(event),
        "goods_version",
        "changed",
        "silent",
        "mismatches",
        "reopened",
        "hosts",
        "currencies",
        "asked_price",
        "told_before",
        *(("order_id", "sku") if isinstance(event, e.MessageEvent) else ()),
        *(("order_id",) if isinstance(event, e.ReminderDecided) else ()),
        "recipient_id",
    )


_BEFORE_OFFERS: dict[str, e.Event] = (
    {
        f"{event.type}.v1-{shape}": _before_goods(event)
        for full in FULL.values()
        for shape, event in (("full", full), ("minimal", _minimal(full)))
    }
    | {
        "inventory.level_set.v1-full": _without(_before_lines(FULL[e.LevelSet]), "threshold", "rearm_above"),
        "inventory.level_set.v1-with_threshold": _before_lines(FULL[e.LevelSet]),
        "inventory.level_set.v1-with_category": FULL[e.LevelSet],
    }
    | {f"{event.type}.v1-with_subject": _before_goods(event) for event in FULL.values()}
    | {
        f"reminder.requested.v1-{shape}": _without(
            FULL[e.ReminderRequested], "order_id", "quiet_since", "also_low", "exit_on", "channels", "price", "viewed"
        )
        for shape in ("full", "with_subject")
    }
    | {
        "reminder.requested.v1-with_quiet_since": _without(
            FULL[e.ReminderRequested], "order_id", "also_low", "exit_on", "channels", "price", "viewed"
        )
    }
    | {
        "reminder.requested.v1-with_also_low": _without(
            FULL[e.ReminderRequested], "order_id", "exit_on", "channels", "price", "viewed"
        )
    }
    | {
        "reminder.requested.v1-with_exit_on": _without(
            FULL[e.ReminderRequested], "order_id", "channels", "price", "viewed"
        )
    }
    | {"reminder.requested.v1-with_channels": _without(FULL[e.ReminderRequested], "order_id", "price", "viewed")}
    | {"reminder.requested.v1-with_price": _without(FULL[e.ReminderRequested], "viewed")}
    | {"reminder.requested.v1-with_viewed": FULL[e.ReminderRequested]}
    | {
        f"customer.profile_set.v1-{shape}": _without(
            FULL[e.ProfileSet], "email_consent_at", "sms_consent_at", "unconfirmed"
        )
        for shape in ("full", "with_subject")
    }
    | {"customer.profile_set.v1-with_consent_at": _without(FULL[e.ProfileSet], "unconfirmed")}
    | {"customer.profile_set.v1-with_unconfirmed": FULL[e.ProfileSet]}
    | {"reminder.decided.v1-with_order": FULL[e.ReminderDecided]}
    | _LATER
    | _ABOUT_NO_CART
)
_FURTHER = {
    "customer.profile_set.v1-with_further": _before_addresses(FULL[e.ProfileSet]),
    "customer.reach_set.v1-with_further": _before_addresses(FULL[e.ReachSet]),
    "customer.profile_set.v1-with_country": FULL[e.ProfileSet],
    "customer.reach_set.v1-with_country": FULL[e.ReachSet],
    "store.described.v1-with_further": FULL[e.StoreDescribed],
    "store.described.v1-with_utm": _with_messages(
        FULL[e.StoreDescribed], utm={"source": "lantern", "medium": "{channel}", "campaign": "{campaign}"}
    ),
    "store.described.v1-with_counting": _with_messages(
        FULL[e.StoreDescribed], count_clicks=True, count_opens=True, contents_days=60
    ),
    "message.opened.v1-with_prefetch": FULL[e.MessageOpened],
    "store.described.v1-with_monthly": _with_messages(FULL[e.StoreDescribed], ask_monthly=True),
    "store.described.v1-with_repeats": _with_messages(
        FULL[e.StoreDescribed], ask_monthly=True, repeat_every="2 weeks", repeat_products=("coffee-*", "filter")
    ),
    "store.described.v1-with_dkim": _with_messages(FULL[e.StoreDescribed], dkim_selectors=("s1", "s2")),
    "store.described.v1-with_segment_price": _with_messages(FULL[e.StoreDescribed], segment_price="0.045"),
}
_BEFORE_PROVIDERS: dict[str, e.Event] = (
    {name: _before_channels(_before_offers(event)) for name, event in _BEFORE_OFFERS.items()}
    | {f"{kind.type}.v1-with_offer": _without(FULL[kind], "suspected") for kind in _OFFERING}
    | {"message.clicked.v1-with_suspected": FULL[e.MessageClicked]}
    | _FURTHER
)
SAMPLES: dict[str, e.Event] = {name: _before_providers(event) for name, event in _BEFORE_PROVIDERS.items()} | {
    f"{event.type}.v1-with_provider": event for event in FULL.values() if isinstance(event, e.MessageEvent)
}
"""Name of a golden file → the event that it must be read as, today and in every later version.

A field that is added later gets an entry of its own here (`cart.line_added.v1-with_gift`); files that exist stay.
The files `-with_subject` are the first that have the header `ce_subject`.
"""
