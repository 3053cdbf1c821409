"""The last look at what a customer looked at, and how its message shows it."""

from typing import Any

import pytest

from services.notifier.domain.kinds.registry import KINDS
from services.notifier.domain.relevance import why_not
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, ViewedItem
from tests.unit.notifier.making import line, reminder, snapshot

KIND = KINDS["browse"]
MUG = ViewedItem(
    sku="mug", title="Stoneware mug", url="https://shop.example/mug", image_url="https://shop.example/m.jpg"
)
JUG = ViewedItem(sku="jug")


def looked(**known: Any) -> Reminder:
    told = {"kind": "browse", "template": "browse", "cart_id": None, "cart_version": None, "viewed": ("mug", "jug")}
    return reminder(**told | known)


def seen(*viewed: ViewedItem, saved: tuple[str, ...] = (), **known: Any) -> CartSnapshot:
    """A customer without a cart, who looked at that."""
    look = snapshot(**{"units": 0} | known)
    aside = tuple(line(sku) for sku in saved)
    bare = (
        look.cart if look.cart.units else look.cart.model_copy(update={"lines": (), "saved": aside, "currency": None})
    )
    return look.model_copy(update={"viewed": viewed, "cart": bare})


@pytest.mark.parametrize(
    ("look", "reason"),
    [
        (seen(MUG), None),
        (seen(MUG, inventory={}), None),
        (seen(MUG, JUG, inventory={"mug": 0}), None),
        (seen(MUG, inventory={"mug": 0}), "sold_out"),
        (seen(), "nothing_viewed"),
        (seen(MUG, saved=("mug",)), "nothing_viewed"),
        (seen(MUG, JUG, saved=("mug",)), None),
        (seen(MUG, units=1), "has_cart"),
        (seen(units=1), "has_cart"),
        (seen(MUG, customer_id="eva"), "no_contact"),
        (seen(MUG, recipient=None), "no_contact"),
    ],
)
def test_it_holds_while_some_of_it_can_be_bought_and_no_cart_is_there(look: CartSnapshot, reason: str | None) -> None:
    assert why_not(looked(), look) == reason


def test_it_shows_what_can_be_bought_of_it_without_prices() -> None:
    look = seen(MUG, JUG, saved=("pot",), inventory={"jug": 2})
    first, second = KIND.lines(looked(), look)
    assert (first.sku, first.title, first.url, first.image_url) == ("mug", "Stoneware mug", MUG.url, MUG.image_url)
    assert (first.price, first.total, first.quantity) == (0, 0, 1)
    assert (second.sku, second.title, second.url) == ("jug", "jug", None)
    assert (KIND.counted(looked(), look), KIND.currency(looked(), look)) == (2, None)
    assert KIND.counted(looked(), seen(MUG, JUG, inventory={"mug": 0})) == 1


def test_it_leads_to_what_was_looked_at_last_or_to_the_shop() -> None:
    assert KIND.leads_to(looked(), seen(MUG, JUG)) == MUG.url
    assert KIND.leads_to(looked(), seen(JUG, MUG)) == seen().recovery_url
    assert KIND.leads_to(looked(), seen()) == seen().recovery_url


def test_it_is_marketing_of_a_customer_and_no_abandonment() -> None:
    assert (KIND.about, KIND.purpose, KIND.once_a_cart, KIND.latest_cart_only) == (
        "customer",
        "marketing",
        False,
        False,
    )
