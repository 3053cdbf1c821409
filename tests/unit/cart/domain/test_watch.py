"""Watches: what others are told of them, how many one may have, and what goes over to a customer."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.cart.domain.cart import Context
from services.cart.domain.errors import Refusal
from services.cart.domain.watch import KEPT, MAX_WATCHES, SetWatch, Watch, one_more, take_over
from tests.unit.cart.carts import NOON

RUG = Watch(UUID(int=7), "shop", "anna", "rug", {"size": "L"}, 3, NOON)
LATER = Context(NOON + timedelta(hours=1))


def of(number: int, sku: str = "", owner: str = "guest:1", minutes: int = 0) -> Watch:
    return Watch(UUID(int=number), "shop", owner, sku or f"sku-{number}", {}, 1, NOON + timedelta(minutes=minutes))


def test_names_of_goods_have_one_spelling() -> None:
    asked = SetWatch.model_validate({"sku": " rug ", "options": {"size ": "L"}})
    assert (asked.sku, asked.options) == ("rug", {"size": "L"})
    assert SetWatch(sku="rug").options == {}


def test_a_watch_ends_by_itself_after_half_a_year() -> None:
    assert timedelta(days=180) == KEPT
    assert RUG.until == NOON + timedelta(days=180)


@pytest.mark.parametrize(
    ("sku", "options", "same"),
    [("rug", {"size": "L"}, True), ("rug", {}, False), ("lamp", {"size": "L"}, False), ("rug", {"size": "M"}, False)],
)
def test_an_item_is_a_sku_with_its_options(sku: str, options: dict[str, str], same: bool) -> None:
    assert RUG.is_for(sku, options) is same


def test_what_others_are_told_of_a_watch() -> None:
    told = RUG.set_event(LATER)
    assert (told.watch_id, told.watch_version, told.store_id, told.customer_id) == (UUID(int=7), 3, "shop", "anna")
    assert (told.sku, told.set_at, told.occurred_at) == ("rug", NOON, LATER.now)
    assert (told.key(), told.subject()) == (str(UUID(int=7)), str(UUID(int=7)))
    assert "options" not in told.model_dump(), "people write into them"


def test_what_others_are_told_when_it_is_over() -> None:
    told = RUG.cleared_event("ordered", LATER)
    assert (told.watch_id, told.watch_version, told.store_id, told.customer_id) == (UUID(int=7), 4, "shop", "anna")
    assert (told.sku, told.set_at, told.occurred_at) == ("rug", NOON, LATER.now)
    assert told.reason == "ordered"


def test_nobody_is_named_who_is_erased() -> None:
    assert RUG.cleared_event("erased", LATER).customer_id is None


def test_the_last_watch_that_fits_is_taken_and_the_next_refused() -> None:
    assert MAX_WATCHES == 50
    one_more(MAX_WATCHES - 1)
    with pytest.raises(Refusal) as refused:
        one_more(MAX_WATCHES)
    assert (refused.value.slug, refused.value.members) == ("too-many-watches", {"limit": 50})
    assert "50" in refused.value.detail


def test_what_goes_over_keeps_its_id_and_place() -> None:
    done = take_over([of(1), of(2)], [of(9, owner="anna")], "anna")
    assert done.ended == ()
    assert done.moved == (replace(of(1), customer_id="anna", version=2), replace(of(2), customer_id="anna", version=2))


def test_what_the_customer_waits_for_already_ends() -> None:
    done = take_over([of(1, "rug"), of(2, "lamp")], [of(9, "rug", "anna")], "anna")
    assert [one.sku for one in done.moved] == ["lamp"]
    assert done.ended == (of(1, "rug"),)


def test_no_more_goes_over_than_one_may_have_and_the_longest_waiting_first() -> None:
    own = [of(100 + n, owner="anna") for n in range(MAX_WATCHES - 2)]
    done = take_over([of(3, minutes=2), of(2, minutes=1), of(1, minutes=1)], own, "anna")
    assert [one.watch_id.int for one in done.moved] == [1, 2]
    assert [one.watch_id.int for one in done.ended] == [3]
