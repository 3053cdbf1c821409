"""At the edge of a change: is it one, and which?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.cart.domain.merge.receipt import UNDO_VALIDITY, MergedLine, Receipt, nothing_merged
from services.cart.domain.notices import Known, notices_of, notices_of_merge
from tests.unit.cart.carts import NOON, add, cart_of

CART = cart_of(add("tea", 2), add("jam", 3))
TEA = CART.lines[0]
AT = NOON + timedelta(hours=1)


def merged(**known: Any) -> MergedLine:
    line = MergedLine(TEA.line_id, "tea", "Tea", "kept", 2, 1, 2, 0, 0, None, None, NOON)
    return replace(line, **known)


def told_of(line: MergedLine, **known: Any) -> list[tuple[str, int | None, int | None]]:
    receipt = Receipt(UUID(int=1), "max", UUID(int=2), True, AT, None, (line,))
    notices = notices_of_merge(CART.cart_id, replace(receipt, **known), {TEA.line_id})
    return [(one.kind, one.before, one.after) for one in notices]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (merged(), []),
        (merged(quantity=3), [("line_merged", 2, 3)]),
        (merged(quantity=1), [("line_merged", 2, 1)]),
        (merged(quantity=2, dropped=1), [("quantity_cut", 3, 2)]),
        (merged(quantity=2, set_aside=1), [("line_moved", 3, 2)]),
        (merged(quantity=2, set_aside=1, dropped=4), [("line_moved", 7, 2)]),
        (merged(line_id=UUID(int=9), quantity=3), []),
    ],
)
def test_a_merge_tells_of_lines_that_are_not_as_the_customer_left_them(line: MergedLine, told: list[object]) -> None:
    assert told_of(line) == told


def test_a_merge_that_took_the_guest_s_cart_whole_or_was_undone_tells_nothing() -> None:
    assert told_of(merged(quantity=3), from_cart_id=CART.cart_id) == []
    assert told_of(merged(quantity=3), undone_at=AT) == []


def test_a_merge_is_told_as_of_when_it_was_made() -> None:
    receipt = Receipt(UUID(int=1), "max", UUID(int=2), True, AT, None, (merged(quantity=3),))
    [told] = notices_of_merge(CART.cart_id, receipt, {TEA.line_id})
    assert told.at == AT
    [told] = notices_of_merge(CART.cart_id, replace(receipt, merged_at=None), {TEA.line_id})
    assert told.at == NOON


def test_a_merge_may_be_undone_for_a_day() -> None:
    assert timedelta(days=1) == UNDO_VALIDITY


def test_the_receipt_of_a_log_in_without_a_guest_s_cart_claims_nothing() -> None:
    receipt = nothing_merged("max")
    assert (receipt.claimed, receipt.lines, receipt.undone(AT).undone_at) == (False, (), AT)


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        (Known(price=450, price_at=AT), "price_changed"),
        (Known(price=450, price_at=TEA.added_at - timedelta(days=1)), "price_changed"),
        (Known(price=450), "price_changed"),
        (Known(price=TEA.price, price_at=AT), None),
        (Known(available=1), "low_stock"),
        (Known(available=0), "out_of_stock"),
        (Known(available=2), None),
        (Known(), None),
    ],
)
def test_a_line_is_told_of_where_price_or_stock_are_not_as_they_were(known: Known, kind: str | None) -> None:
    assert [one.kind for one in notices_of(CART.cart_id, CART.lines, {"tea": known})] == ([kind] if kind else [])


def test_a_level_is_told_as_of_when_it_was_known_and_else_as_of_the_line() -> None:
    [told] = notices_of(CART.cart_id, CART.lines, {"tea": Known(available=1, level_at=AT)})
    assert told.at == AT
    [told] = notices_of(CART.cart_id, CART.lines, {"tea": Known(available=1)})
    assert told.at == TEA.updated_at


def test_a_notice_that_was_acknowledged_long_ago_has_the_same_id_today() -> None:
    known = {"tea": Known(available=1, price=450, price_at=AT)}
    ids = [str(one.notice_id) for one in notices_of(UUID(int=7), CART.lines, known)]
    assert ids == ["f18a4876-834d-5e56-8d06-1a5c885c28b1", "ff7443f0-4157-5202-97a8-a89cbaaa2c48"]
