"""A cart has a size: one script filled rows with megabytes of titles and addresses, and every read carried them."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.cart.domain.cart import Cart, Context, Line
from services.cart.domain.cart_json import lines_json
from services.cart.domain.commands import AddLine, SaveLine, SetAttributes, SetNote, SetQuantity
from services.cart.domain.copy_cart import copy_lines
from services.cart.domain.decide import decide
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import Limits
from services.cart.domain.merge.merge import merge
from services.cart.domain.size import cart_bytes, line_bytes

NOW = datetime(2026, 11, 29, tzinfo=UTC)
CONTEXT = Context(NOW)
SMALL = Limits(size=16 * 1024)
LONG = "https://shop.test/" + "p" * 2000


def line(sku: str, url: str | None = LONG) -> Line:
    return Line(UUID(int=abs(hash(sku)) % 2**64), sku, {}, "Tea", 500, 1, 500, None, url, None, NOW, NOW)


def cart(*lines: Line) -> Cart:
    return Cart(uuid4(), "shop", "anna", NOW, NOW, version=1, currency="EUR", lines=lines)


FULL = cart(*(line(f"sku-{n}") for n in range(7)))


def add(sku: str) -> AddLine:
    return AddLine(sku=sku, title="Tea", price=500, currency="EUR", url=LONG)


def test_the_size_is_about_that_of_the_json():
    one = replace(line("tea"), options={"größe": "100 g"}, note="für Oma", image_url=LONG)
    told = len(lines_json(cart(*[one] * 20)))
    assert 0.8 * told < cart_bytes(cart(*[one] * 20)) < 1.2 * told
    assert json.loads(lines_json(cart(one)))


def test_a_full_cart_takes_no_more_words_of_any_kind():
    words = (
        add("one more"),
        SetNote(line_id=FULL.lines[0].line_id, note="x" * 500),
        SetAttributes(attributes={"campaign": "x" * 500}),
    )
    grown = replace(FULL, attributes={f"a{n}": "x" * 400 for n in range(1)})
    for command in words:
        with pytest.raises(Refusal) as refused:
            decide(grown, command, CONTEXT, Limits(size=cart_bytes(grown) + 100))
        assert refused.value.slug == "limit-reached"
        assert refused.value.members == {"which": "bytes", "limit": cart_bytes(grown) + 100}


def test_a_cart_above_a_limit_that_was_lowered_may_shrink_by_steps_and_change_its_quantities():
    tight = Limits(size=1000)
    more = decide(FULL, SetQuantity(line_id=FULL.lines[0].line_id, quantity=3), CONTEXT, tight)
    assert more is not None
    fewer = decide(more.cart, SetQuantity(line_id=FULL.lines[0].line_id, quantity=0), CONTEXT, tight)
    assert fewer is not None
    assert len(fewer.cart.lines) == 6


@pytest.mark.parametrize("mode", ["sum", "max", "guest_wins", "customer_wins", "save_for_later"])
def test_no_merge_makes_a_cart_larger_than_carts_may_be_and_it_says_what_stayed_out(mode):
    guest = cart(*(line(f"guest-{n}") for n in range(7)))
    done = merge(FULL, guest, mode, {}, CONTEXT, SMALL)
    after = done.own.cart if done.own else FULL
    assert cart_bytes(after) <= max(SMALL.size, cart_bytes(FULL))
    # what is dropped is on record in the closed cart, and an undo brings it back
    assert any(line.dropped for line in done.lines)


def test_a_copy_takes_what_fits_and_tells_the_rest():
    theirs = cart(*(line(f"theirs-{n}") for n in range(7)))
    change, fates = copy_lines(FULL, theirs, CONTEXT, SMALL)
    assert (change is None) or cart_bytes(change.cart) <= SMALL.size
    assert {fate.reason for fate in fates if fate.fate == "not_added"} == {"limit"}


def test_five_hundred_ordinary_lines_fit():
    ordinary = replace(line("tea", None), title="Mountain tea, loose", image_url="https://shop.test/pictures/tea.jpg")
    assert 500 * line_bytes(ordinary) < Limits().size


def test_every_word_of_a_line_and_of_a_cart_takes_its_bytes():
    bare = replace(line("tea", None), title="", sku="")
    assert line_bytes(bare) == 300
    for name in ("sku", "title", "url", "note", "device"):
        words: dict[str, Any] = {name: "größe"}
        assert line_bytes(replace(bare, **words)) == 307, "in UTF-8"
    assert line_bytes(replace(bare, options={"größe": "xl", "a": ""})) == 310
    aside = decide(cart(bare), SaveLine(line_id=bare.line_id), CONTEXT)
    assert aside is not None
    whole = replace(aside.cart, lines=(bare, bare), attributes={"a": "bc"})
    assert cart_bytes(whole) == 903
