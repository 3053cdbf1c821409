"""What a letter bears besides its words where clicks and opens are counted."""

from dataclasses import replace
from typing import Any

import pytest

from services.notifier.domain.reminder import Reminder
from services.notifier.domain.store import Store
from services.notifier.rendering.copies import read as read_copy
from services.notifier.rendering.counting import with_counters
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_letter
from services.notifier.rendering.templates import Templates
from tests.unit.notifier.making import NOON, contact, low_stock, reminder, snapshot, store

TEMPLATES = Templates()
CART, HIDDEN, OUT = (f"https://n.example/{place}" for place in ("c/cartcartcar", "h/outoutoutou", "u/outoutoutou"))
PIXEL = "https://n.example/o/abc.gif"


def draft(shop: Store, made: Reminder | None = None, pixel_url: str = "") -> Draft:
    asked = made or reminder(coupon="SAVE5")
    more: dict[str, Any] = {"short_url": CART, "hidden_url": HIDDEN, "pixel_url": pixel_url}
    return replace(Draft(asked, contact(), snapshot(), shop, TEMPLATES, OUT, NOON), **more)


def test_a_letter_whose_clicks_are_counted_bears_a_link_that_no_person_finds() -> None:
    made = draft(store(count_clicks=True))
    letter = with_counters(compose_letter(made), made)
    [hidden] = [part for part in letter.html.split("<a ") if "/h/" in part]
    assert {'tabindex="-1"', 'aria-hidden="true"', 'style="display:none"'} <= set(hidden.partition(">")[0].split(" "))
    assert hidden.partition(">")[2].startswith("</a>"), "there is nothing to be read aloud"
    assert letter.html.index("/h/") < letter.html.index("</body>")
    assert "/h/" not in letter.text
    assert CART in letter.html
    assert CART in letter.text
    assert "/r/r1_token" not in letter.html + letter.text


@pytest.mark.parametrize("counts", [None, False])
def test_one_of_a_store_that_counts_none_is_as_it_was_written(counts: bool | None) -> None:
    made = draft(store(count_clicks=counts))
    letter = compose_letter(made)
    assert with_counters(letter, made) == letter
    assert "/r/r1_token" in letter.html


def test_a_picture_stands_where_opens_are_counted_and_in_no_copy_that_is_kept() -> None:
    made = draft(store(count_clicks=True), pixel_url=PIXEL)
    letter = with_counters(compose_letter(made), made)
    assert letter.html.count(PIXEL) == 1
    assert 'alt=""' in letter.html.partition(PIXEL)[2].partition(">")[0]
    kept = made.copy.take()
    assert kept is not None
    html = read_copy(kept).html or ""
    assert "/o/" not in html
    assert "/h/" not in html
    assert "cartcartcar" not in html, "who looks at it must not be able to click it"


def test_looks_of_a_store_that_have_no_body_stay_as_they_are() -> None:
    made = draft(store(count_clicks=True), pixel_url=PIXEL)
    letter = compose_letter(made)
    bare = type(letter)(letter.subject, letter.text, "<p>bare</p>", letter.language)
    assert with_counters(bare, made) == bare


def test_texts_and_what_is_about_no_cart_are_not_counted_so() -> None:
    shop = store(count_clicks=True)
    assert not draft(shop, low_stock(channel="sms")).counts_clicks
    assert not draft(shop, reminder(cart_id=None, cart_version=None)).counts_clicks
    assert draft(shop).counts_clicks
