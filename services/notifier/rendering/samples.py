"""Any template with sample data, for whoever looks at it before a customer does. Pure, given the templates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from libs.contracts.events import Channel, LowItem
from services.notifier.domain.kinds.registry import ABOUT_NO_CART, KINDS
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.domain.short_link import PLACES, Use
from services.notifier.domain.snapshot import (
    CartSnapshot,
    SnapshotCart,
    SnapshotLine,
    SnapshotOrder,
    SnapshotRecipient,
    ViewedItem,
    WatchedItem,
)
from services.notifier.domain.store import Store
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.templates import Templates, UnknownTemplateError

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
CART = UUID("019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10")
CUSTOMER, ORDER, PRICE_NOW = "sample", "1001", 1990
SPECIAL = ("several", "watched", "saved", "tracked", "again")
"""Sections that speak for another template of the same kind, in a case of its own."""
ANNA = Contact(1, "anna@example.com", "+12015550123", "Anna", "en", None, email_consent=True, sms_consent=True)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample is made of, besides its template; `links_at` is where links of ours begin.

    `variables` are those that its template declares, `kind` is what it is of, where its name does not say that.
    """

    templates: Templates
    store: Store
    contact: Contact = ANNA
    links_at: str = "https://notifier.example"
    coupon: str | None = None
    coupon_until: datetime | None = None
    times_abandoned: int | None = 2
    variables: Mapping[str, str] | None = None
    kind: str | None = None

    def draft(self, template: str, channel: Channel) -> Draft:
        """A message of this template that holds at its moment: a cart, an order, or what its kind speaks of."""
        name, special = parted(template)
        kind = self.kind or kind_named(name)
        known = ABOUT_NO_CART.get(kind) if special in ("watched", "saved") else None
        of_cart = (known or KINDS[kind]).about == "cart"
        made = _reminder(name, kind, channel, of_cart=of_cart, several=special == "several", coupon=self.coupon)
        times = 0 if self.times_abandoned is not None and special != "again" else self.times_abandoned
        made = replace(made, coupon_until=self.coupon_until if self.coupon else None, times_abandoned=times)
        made = replace(made, variables=self.variables or self._declared(made))
        shop = f"https://{self.store.hosts[0]}" if self.store.hosts else "https://shop.example"
        seen = _snapshot(shop, kind, of_cart=of_cart, special=special)
        uses: tuple[Use, ...] = ("unsubscribe", "preferences", "monthly", KINDS[kind].link)
        out, choose, monthly, back = (f"{self.links_at}/{PLACES[use]}/sample_link" for use in uses)
        return Draft(
            *(made, self.contact, seen, self.store, self.templates, out, NOW),
            short_url=back,
            preferences_url=choose,
            monthly_url=monthly,
        )

    def _declared(self, made: Reminder) -> dict[str, str] | None:
        """Something for each variable that the template declares: its name, as its place in the words is written."""
        try:
            words, section = self.templates.wording(made.template, made.step, self.contact.locale, self.store.locale)
        except UnknownTemplateError:
            return None
        return {name: f"[{name}]" for name in words.variables(section)} or None


def parted(template: str) -> tuple[str, str]:
    """The template that a campaign names, and the case of it that a section is for; "" for the usual one."""
    name, _, special = template.rpartition("_")
    return (name, special) if special in SPECIAL and name else (template, "")


def kind_named(template: str) -> str:
    """The kind whose name a template begins with, for so are those called that ship; else an abandoned cart."""
    return kind_shipped(template) or "abandoned_cart"


def kind_shipped(template: str) -> str | None:
    """The kind whose name a template begins with, if there is one: any other is of words of a store's own."""
    return max((kind for kind in KINDS if f"{template}_".startswith(f"{kind}_")), key=len, default=None)


def _reminder(
    template: str, kind: str, channel: Channel, *, of_cart: bool, several: bool, coupon: str | None
) -> Reminder:
    about: dict[str, Any] = {"sku": "mug", "order_id": ORDER, "price": PRICE_NOW, "viewed": ("mug", "jug")}
    return Reminder(
        reminder_id=UUID(int=1),
        store_id="sample",
        customer_id=CUSTOMER,
        campaign="sample",
        kind=kind,
        step=1,
        channel=channel,
        template=template,
        cart_id=CART if of_cart else None,
        cart_version=7 if of_cart else None,
        threshold=5,
        quiet_since=NOW,
        due_at=NOW,
        expires_at=NOW + timedelta(hours=6),
        variant=None,
        coupon=coupon,
        state="pending",
        reason=None,
        failures=0,
        received_at=NOW,
        lease_token=UUID(int=2),
        copies=0,
        also_low=(LowItem(sku="jug", threshold=5),) if several else (),
        **about,
    )


def _snapshot(shop: str, kind: str, *, of_cart: bool, special: str) -> CartSnapshot:
    lines = (_line(shop, "mug", "Stoneware mug", 2450, 2, UUID(int=3)), _line(shop, "jug", "Jug", 3900, 1, UUID(int=4)))
    shown, watched = lines if of_cart else (), special == "watched"
    yes = {"email": True, "sms": True}
    mug, jug = (f"{shop}/{sku}" for sku in ("mug", "jug"))
    cart = SnapshotCart(
        id=CART if of_cart else None,
        store_id="sample",
        customer_id=CUSTOMER,
        status="active",
        version=7,
        currency="EUR",
        lines=shown,
        units=sum(line.quantity for line in shown),
        total=sum(line.total for line in shown),
        saved=() if watched or of_cart or kind == "browse" else lines[::-1],
    )
    return CartSnapshot(
        cart=cart,
        inventory={"mug": 3, "jug": 1},
        prices={UUID(int=3): PRICE_NOW},
        recipient=SnapshotRecipient(profile_version=1, reach=yes, consent=yes, unconfirmed=("email", "sms")),
        recovery_url=f"{shop}/cart?recover=sample",
        as_of=NOW,
        goods_version=7,
        order=None if of_cart else _order(shop, kind, lines, tracked=special == "tracked"),
        watched=WatchedItem(sku="mug", title="Stoneware mug", url=mug) if watched else None,
        viewed=(ViewedItem(sku="mug", title="Stoneware mug", url=mug), ViewedItem(sku="jug", title="Jug", url=jug)),
    )


def _line(shop: str, sku: str, title: str, price: int, quantity: int, line_id: UUID) -> SnapshotLine:
    return SnapshotLine(
        line_id=line_id,
        sku=sku,
        title=title,
        price=price,
        quantity=quantity,
        total=price * quantity,
        url=f"{shop}/{sku}",
        currency="EUR",
    )


def _order(shop: str, kind: str, lines: tuple[SnapshotLine, ...], *, tracked: bool) -> SnapshotOrder:
    status = {"order_cancelled": "cancelled", "order_returned": "returned"}.get(kind, "placed")
    followed = f"{shop}/orders/{ORDER}" if tracked else None
    total = sum(line.total for line in lines)
    return SnapshotOrder(
        order_id=ORDER, status=status, placed_at=NOW, currency="EUR", total=total, lines=lines, tracking_url=followed
    )
