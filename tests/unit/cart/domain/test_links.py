"""What a link shows, and until when."""

import json
from datetime import timedelta

import pytest

from services.cart.domain.commands import SaveLine, SetAttributes, SetNote, line_id
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import WIDEST
from services.cart.domain.links import check_open, goods_of, open_shared
from services.cart.domain.tokens import Share
from tests.unit.cart.carts import NOON, add, cart_of

TEA = line_id("tea", {})
CART = cart_of(
    add("tea", 2), SetNote(TEA, "For Ben"), add("jam"), SaveLine(line_id("jam", {})), SetAttributes({"utm": "x"})
)
SHARE = Share(CART.cart_id, NOON + timedelta(days=30), 0)


def test_a_link_opens_up_to_its_last_moment() -> None:
    before = SHARE.expires_at - timedelta(microseconds=1)
    check_open(SHARE, "active", 0, before, {})
    with pytest.raises(Refusal) as refused:
        check_open(SHARE, "active", 0, SHARE.expires_at, {})
    assert refused.value.slug == "link-expired"


@pytest.mark.parametrize("epoch", [1, 3])
def test_a_link_of_another_epoch_opens_nothing(epoch: int) -> None:
    with pytest.raises(Refusal) as refused:
        check_open(Share(CART.cart_id, SHARE.expires_at, 2), "active", epoch, NOON, {})
    assert refused.value.slug == "link-revoked"


def test_the_goods_of_a_cart_are_shown_with_what_is_added_at_their_end() -> None:
    shown = json.loads(goods_of(CART, WIDEST).json(checkout="https://shop.example"))
    assert (shown["units"], shown["total"], shown["currency"], shown["exponent"]) == (2, 1000, "EUR", 2)
    [line] = shown["lines"]
    assert (line["sku"], line["quantity"], line["price"], line["total"]) == ("tea", 2, 500, 1000)
    assert "For Ben" not in json.dumps(shown)
    assert shown["checkout"] == "https://shop.example"


def test_a_shared_cart_forgets_how_it_came_to_be() -> None:
    seen = open_shared(SHARE, CART, 0, NOON)
    [line] = seen.lines
    assert (line.note, line.device, line.history, line.changed_at) == (None, None, (), ())
    assert (seen.customer_id, seen.saved, seen.attributes) == (None, (), {})
    assert seen.total == CART.total
