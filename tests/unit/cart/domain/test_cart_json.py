"""Carts as the API shows them and the database keeps them."""

import json
from dataclasses import replace
from uuid import UUID

from services.cart.domain.cart_json import (
    attributes_json,
    cart_view,
    empty_view,
    etag,
    lines_json,
    read_lines,
    read_saved,
    saved_json,
    skus_in,
)
from services.cart.domain.commands import SaveLine, SetAttributes, line_id
from services.cart.domain.notices import Known, notices_of
from tests.unit.cart.carts import NOON, add, cart_of

CART = cart_of(add("tea", 2), add("jam"), SaveLine(line_id("jam", {})), SetAttributes({"channel": "app"}))
NOTICES = notices_of(CART.cart_id, CART.lines, {"tea": Known(available=1, level_at=NOON)})


def test_a_cart_is_shown_whole_with_what_is_added_at_its_end() -> None:
    shown = json.loads(cart_view(CART).json(extra=1))
    assert (shown["units"], shown["total"], shown["currency"], shown["exponent"]) == (2, 1000, "EUR", 2)
    assert [line["sku"] for line in shown["lines"]] == ["tea"]
    assert [line["sku"] for line in shown["saved"]] == ["jam"]
    assert (shown["attributes"], shown["extra"]) == ({"channel": "app"}, 1)
    assert "notices" not in shown


def test_a_shopper_without_a_cart_is_shown_an_empty_one_that_no_version_names() -> None:
    view = empty_view("shop", "anna")
    shown = json.loads(view.json())
    assert (shown["id"], shown["version"], shown["units"], shown["total"]) == (None, 0, 0, 0)
    assert (shown["lines"], shown["saved"], shown["attributes"]) == ([], [], {})
    assert (view.etag, view.state) == ('"0"', (None, 0, 0))


def test_what_changed_since_the_customer_last_looked_is_shown_and_named_by_the_tag() -> None:
    plain = cart_view(CART)
    told = plain.with_notices(NOTICES, facts=9)
    assert [notice["kind"] for notice in json.loads(told.json())["notices"]] == ["low_stock"]
    assert told.state == (CART.cart_id, CART.version, 9)
    name, mark = told.etag.strip('"').split(".")
    assert f'"{name}"' == plain.etag
    assert len(mark) == 8
    other = plain.with_notices([replace(NOTICES[0], after=0)])
    assert other.etag != told.etag != plain.etag


def test_where_nothing_changed_and_nothing_is_known_the_cart_is_as_it_was() -> None:
    plain = cart_view(CART)
    assert plain.with_notices([]) is plain
    known = plain.with_notices([], facts=3)
    assert (known.notices, known.facts, known.etag) == (None, 3, plain.etag)
    assert plain.with_notices(NOTICES).facts == 0


def test_a_tag_names_the_version_and_the_cart_by_the_end_of_its_id() -> None:
    assert etag(UUID("01940000-0000-7000-8000-00000000000a"), 3) == '"3-00000000000a"'
    assert etag(None, 3) == '"0"'


def test_what_is_kept_is_read_as_it_was() -> None:
    assert read_lines(lines_json(CART)) == CART.lines
    assert read_saved(saved_json(CART)) == CART.saved
    assert json.loads(attributes_json(CART)) == CART.attributes
    assert skus_in(lines_json(CART)) == {"tea"}
    bare = cart_of()
    assert (read_saved(saved_json(bare)), attributes_json(bare), lines_json(bare)) == ((), b"{}", b"[]")


def test_lines_that_an_earlier_release_kept_have_no_note_no_history_and_a_price_that_pages_may_change() -> None:
    later = {"note", "history", "changed_at", "fixed_price"}
    kept = [{name: value for name, value in line.items() if name not in later} for line in json.loads(lines_json(CART))]
    [line] = read_lines(json.dumps(kept))
    assert (line.note, line.history, line.changed_at, line.fixed_price) == (None, (), (), False)
