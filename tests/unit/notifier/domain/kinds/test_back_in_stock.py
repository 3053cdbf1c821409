"""An item that is there again: it is told while that is true."""

from datetime import timedelta

import pytest

from libs.contracts.kinds import WAITED_FOR
from services.notifier.domain.kinds.back_in_stock import BACK_IN_STOCK, WATCHED_IS_BACK
from services.notifier.domain.kinds.registry import ABOUT_NO_CART, KINDS, kind_of
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine, WatchedItem
from tests.unit.notifier.making import NOON, back_in_stock, line, reminder, snapshot

SEEN = snapshot(line("jug"), line(), inventory={"mug": 3, "jug": 0})


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (SEEN, None),
        (snapshot(line("jug"), inventory={"mug": 3}), "not_in_cart"),
        (snapshot(inventory={"mug": 0}), "sold_out"),
        (snapshot(inventory={"mug": -1}), "sold_out"),
        (snapshot(inventory={"mug": 1}), None),
        (snapshot(inventory={"mug": None}), "level_unknown"),
        (SEEN.model_copy(update={"silent_since": NOON}), "ordered"),
        (SEEN.model_copy(update={"silent_since": NOON - timedelta(seconds=1)}), None),
    ],
)
def test_it_is_told_while_the_item_is_in_the_cart_and_there(seen: CartSnapshot, why: str | None) -> None:
    assert BACK_IN_STOCK.why_not(back_in_stock(), seen) == why


def test_it_is_about_its_item_with_the_units_that_there_are() -> None:
    assert BACK_IN_STOCK.items(back_in_stock(), SEEN) == {"mug": 3}
    assert BACK_IN_STOCK.counted(back_in_stock(), SEEN) == 3
    for unknown in (None, -2):
        assert BACK_IN_STOCK.counted(back_in_stock(), snapshot(inventory={"mug": unknown})) == 0
    assert BACK_IN_STOCK.counted(back_in_stock(), snapshot(inventory={})) == 0
    assert BACK_IN_STOCK.items(back_in_stock(sku=None), SEEN) == {}


def watched(**more: object) -> CartSnapshot:
    """Of somebody without a cart who waits for a mug."""
    item = WatchedItem.model_validate({"sku": "mug", "title": "Stoneware mug", "url": "https://a.example/mug"} | more)
    return snapshot(line("jug"), inventory={"mug": 3}).model_copy(update={"watched": item})


def test_a_message_about_no_cart_is_looked_at_as_that_of_somebody_who_watches_it() -> None:
    assert kind_of(back_in_stock()) is BACK_IN_STOCK
    assert kind_of(back_in_stock(cart_id=None)) is WATCHED_IS_BACK
    assert kind_of(reminder(cart_id=None)) is KINDS["abandoned_cart"]
    assert (WATCHED_IS_BACK.about, WATCHED_IS_BACK.purpose, WATCHED_IS_BACK.badge) == (
        "customer",
        "stock_alerts",
        "back_in_stock.badge",
    )


@pytest.mark.parametrize(("level", "why"), [(1, None), (0, "sold_out"), (-2, "sold_out"), (None, "level_unknown")])
def test_what_they_asked_for_has_to_be_there_and_need_be_in_no_cart(level: int | None, why: str | None) -> None:
    seen = watched().model_copy(update={"inventory": {"mug": level}})
    assert WATCHED_IS_BACK.why_not(back_in_stock(cart_id=None), seen) == why


def test_whoever_asked_for_it_has_to_wait_for_it_still() -> None:
    seen = watched().model_copy(update={"watched": None})
    assert WATCHED_IS_BACK.why_not(back_in_stock(cart_id=None), seen) == "not_watched"


def test_it_leads_to_the_items_page_or_to_the_shop_and_shows_no_cart() -> None:
    asked = back_in_stock(cart_id=None)
    assert WATCHED_IS_BACK.leads_to(asked, watched()) == "https://a.example/mug"
    assert WATCHED_IS_BACK.leads_to(asked, watched(url=None)) == "https://shop.example/r/r1_token"
    assert WATCHED_IS_BACK.leads_to(asked, snapshot()) == "https://shop.example/r/r1_token"
    assert WATCHED_IS_BACK.lines(asked, watched()) == ()
    assert (WATCHED_IS_BACK.items(asked, watched()), WATCHED_IS_BACK.counted(asked, watched())) == ({"mug": 3}, 3)


def test_what_they_asked_for_is_shown_with_its_picture_where_one_is_known() -> None:
    asked, picture = back_in_stock(cart_id=None), "https://a.example/mug.jpg"
    (shown,) = WATCHED_IS_BACK.lines(asked, watched(image_url=picture))
    assert (shown.sku, shown.title, shown.url, shown.image_url) == (
        "mug",
        "Stoneware mug",
        "https://a.example/mug",
        picture,
    )
    assert (shown.quantity, shown.price, shown.total) == (1, 0, 0)
    assert WATCHED_IS_BACK.currency(asked, watched(image_url=picture)) is None


def saved(*lines: SnapshotLine, **known: object) -> CartSnapshot:
    """Of somebody who has these set aside, and asked for nothing."""
    seen = snapshot(line("jug"), inventory={"mug": 3})
    return seen.model_copy(update={"cart": seen.cart.model_copy(update={"saved": lines}), **known})


OLDER, NEWER = line(price=900, currency="EUR"), line(price=800, currency="PLN")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (saved(NEWER), None),
        (saved(NEWER, inventory={"mug": 0}), "sold_out"),
        (saved(NEWER, inventory={}), "level_unknown"),
        (saved(line("cup", currency="PLN")), "not_watched"),
        (saved(), "not_watched"),
    ],
)
def test_who_has_it_aside_is_told_while_it_is_there_and_aside(seen: CartSnapshot, why: str | None) -> None:
    assert WATCHED_IS_BACK.why_not(back_in_stock(cart_id=None), seen) == why


def test_of_what_is_aside_it_shows_the_item_and_leads_there() -> None:
    asked, seen = back_in_stock(cart_id=None), saved(OLDER, NEWER, line("cup", currency="EUR"))
    assert WATCHED_IS_BACK.lines(asked, seen) == (NEWER,)
    assert WATCHED_IS_BACK.currency(asked, seen) == "PLN"
    assert WATCHED_IS_BACK.leads_to(asked, seen) == seen.recovery_url
    both = seen.model_copy(update={"watched": watched().watched})
    assert (WATCHED_IS_BACK.lines(asked, both), WATCHED_IS_BACK.currency(asked, both)) == ((), None)


def test_an_item_without_a_title_is_called_by_its_number() -> None:
    assert WatchedItem(sku="mug").called == "mug"
    assert WatchedItem(sku="mug", title="Stoneware mug").called == "Stoneware mug"


def test_what_is_waited_for_is_known_to_those_who_end_the_waiting() -> None:
    assert set(ABOUT_NO_CART) == WAITED_FOR
