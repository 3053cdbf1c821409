"""What the shipped texts cost, in each language, with links as they were and as they are.

`python -m tests.unit.notifier.rendering.segments` prints the tables of `short-links.md` and `cost-of-texts.md` in
`services/notifier/decisions`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from babel import Locale

from deploy.playground.segments import count_segments
from services.cart.domain.tokens import Recovery, issue_recovery_token
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.short_link import ShortLinks
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine, SnapshotOrder, ViewedItem, WatchedItem
from services.notifier.domain.unsubscribe_link import Links, Unsubscription
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_text
from services.notifier.rendering.templates import Templates
from tests.unit.notifier.languages import LANGUAGES
from tests.unit.notifier.making import (
    CART,
    NOON,
    THREE,
    cheaper,
    contact,
    line,
    low_stock,
    reminder,
    snapshot,
    store,
    three_low,
)

TEXTS = ("abandoned_cart_1", "abandoned_cart_2", "abandoned_cart_3", "low_stock", "low_stock_several")
SENDERS = {"a number": "+15005550006", "a word": "Nordwind"}
"""A word takes no answers, so such a text has a second link, to opt out."""
PUBLIC_URL, SECRET = "https://n.nordwind.example", "s" * 32
CUSTOMER = "5f0c2b5e-7f0b-4c1d-9a50-1d1f0a27c0ff"
TEMPLATES, SHORT, LONG = Templates(), ShortLinks(SECRET, PUBLIC_URL), Links(SECRET, PUBLIC_URL)


SHOP = "https://nordwind.example/"


def _of_order(kind: str, status: str = "placed", **known: str) -> tuple[Reminder, CartSnapshot]:
    asked = reminder(kind=kind, template=kind, channel="sms", cart_id=None, cart_version=None, order_id="100042")
    order = SnapshotOrder(order_id="100042", status=status, placed_at=NOON, **known)
    return asked, _at(snapshot().model_copy(update={"order": order}), SHOP)


def _of_item(kind: str, seen: CartSnapshot, *, of_cart: bool = False, **known: object) -> tuple[Reminder, CartSnapshot]:
    about: dict[str, object] = {"sku": "mug", "price": 800} | (
        {} if of_cart else {"cart_id": None, "cart_version": None}
    )
    return reminder(**{"kind": kind, "template": kind, "channel": "sms", **about, **known}), seen


def _at(seen: CartSnapshot, url: str) -> CartSnapshot:
    return seen.model_copy(update={"recovery_url": url})


def _aside(*lines: SnapshotLine) -> CartSnapshot:
    token = issue_recovery_token(SECRET.encode(), Recovery(CART, NOON + timedelta(days=30), 0))
    seen = snapshot()
    cart = seen.cart.model_copy(update={"saved": lines, "lines": (), "units": 0})
    return _at(seen.model_copy(update={"cart": cart}), f"https://nordwind.example/cart?recover={token}")


_ITEM = {"sku": "mug", "title": "Stoneware mug", "url": "https://nordwind.example/products/stoneware-mug"}


def _of_wish() -> tuple[Reminder, CartSnapshot]:
    asked, seen = _of_order("monthly_confirmation", "delivered")
    order = seen.order
    assert order is not None
    bought = order.model_copy(update={"lines": (line(str(_ITEM["sku"]), title=str(_ITEM["title"])),)})
    return replace(asked, sku=str(_ITEM["sku"])), seen.model_copy(update={"order": bought})


OTHERS: dict[str, tuple[Reminder, CartSnapshot]] = {
    "abandoned_checkout": (
        reminder(kind="abandoned_checkout", template="abandoned_checkout", channel="sms"),
        snapshot(),
    ),
    "back_in_stock": _of_item("back_in_stock", snapshot(), of_cart=True),
    "back_in_stock_watched": _of_item(
        "back_in_stock", snapshot().model_copy(update={"watched": WatchedItem.model_validate(_ITEM)})
    ),
    "back_in_stock_saved": _of_item("back_in_stock", _aside(line(currency="EUR"))),
    "price_drop": _of_item("price_drop", cheaper(), of_cart=True),
    "saved_items": _of_item("saved_items", _aside(line(currency="EUR")), sku=None),
    "browse": _of_item(
        "browse",
        snapshot().model_copy(update={"viewed": (ViewedItem.model_validate(_ITEM),)}),
        viewed=("mug",),
        sku=None,
    ),
    "order_confirmed": _of_order("order_confirmed"),
    "order_shipped": _of_order("order_shipped", "shipped"),
    "order_shipped_tracked": _of_order(
        "order_shipped", "shipped", tracking_url="https://parcels.example/track/00340434161094042557"
    ),
    "order_delivered": _of_order("order_delivered", "delivered"),
    "order_cancelled": _of_order("order_cancelled", "cancelled"),
    "order_partly_cancelled": _of_order("order_partly_cancelled", "placed"),
    "order_returned": _of_order("order_returned", "returned"),
    "post_purchase": _of_order("post_purchase", "delivered"),
    "win_back": _of_item("win_back", _at(snapshot(units=0), SHOP), sku=None, quiet_since=NOON - timedelta(days=90)),
    "confirmation": _of_item("confirmation", _at(snapshot(), SHOP), sku=None),
    "monthly_confirmation": _of_wish(),
}
"""What the texts of all other kinds are of: an item with a title of usual length, an order with a number of one."""


def text(template: str, language: str, sender: str, *, short: bool) -> str:
    """A text of a store with a name and an address of usual length, to a customer whose id is a UUID."""
    asked, links = _asked(template), SHORT.of(reminder().reminder_id)
    token = issue_recovery_token(SECRET.encode(), Recovery(CART, NOON + timedelta(days=30), 0))
    seen = three_low().model_copy(update={"recovery_url": f"https://nordwind.example/cart?recover={token}"})
    leaving = LONG.unsubscribe_url(Unsubscription("nordwind", CUSTOMER, "sms"))
    shop, who = store(name="Nordwind", sms_from=SENDERS[sender]), contact(locale=language)
    out, back = (links.unsubscribe_url, links.url) if short else (leaving, None)
    return compose_text(Draft(asked, who, seen, shop, TEMPLATES, out, NOON, short_url=back))


def _asked(template: str) -> Reminder:
    if not template.startswith("low_stock"):
        return reminder(channel="sms", template=template)
    return low_stock(also_low=THREE if template.endswith("several") else ())


def segments(template: str, language: str, sender: str) -> tuple[int, int]:
    """How many segments it has with the links of before, and with those of today."""
    before, after = (count_segments(text(template, language, sender, short=short)) for short in (False, True))
    return before, after


def table() -> Iterator[str]:
    """A row for each language: the segments of each text, of before and of today, by sender."""
    yield "| | sender | " + " | ".join(f"`{template}`" for template in TEXTS) + " | all |"
    yield "|" + "---|" * (len(TEXTS) + 3)
    for language in LANGUAGES:
        name = Locale.parse(language, sep="-").get_display_name("en")
        for sender in SENDERS:
            both = [segments(template, language, sender) for template in TEXTS]
            whole = (sum(before for before, _ in both), sum(after for _, after in both))
            cells = [f"{before} → {after}" for before, after in [*both, whole]]
            yield f"| {name} | {sender} | " + " | ".join(cells) + " |"


def cost(kind: str, language: str, sender: str) -> int:
    """How many segments a text of one of the other kinds has, with the links that it has there."""
    asked, seen = OTHERS[kind]
    links, shop = SHORT.of(reminder().reminder_id), store(name="Nordwind", sms_from=SENDERS[sender])
    who = contact(locale=language)
    made = Draft(asked, who, seen, shop, TEMPLATES, links.unsubscribe_url, NOON, short_url=links.url)
    return count_segments(compose_text(made))


def table_of_others() -> Iterator[str]:
    """A row for each of the other kinds: its segments in each language, from a sender that is a number and a word."""
    yield "| | " + " | ".join(LANGUAGES) + " |"
    yield "|" + "---|" * (len(LANGUAGES) + 1)
    for kind in OTHERS:
        both = ([str(cost(kind, language, sender)) for sender in SENDERS] for language in LANGUAGES)
        yield f"| `{kind}` | " + " | ".join(" / ".join(one) for one in both) + " |"


if __name__ == "__main__":
    print("\n".join(table()))
    print("\n".join(table_of_others()))
