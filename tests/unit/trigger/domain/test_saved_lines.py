"""What a cart's events say of what is set aside in it."""

from uuid import uuid5

import pytest

from libs.contracts.events import CartEvent, CartLine
from services.trigger.domain.explain import of_watch
from services.trigger.domain.saved_lines import SavedLines, in_turn, saved_lines
from tests.unit.trigger.making import STORE, added, after, cart_id, closed_otherwise, noted, ordered
from tests.unit.trigger.saving import saved


def test_it_names_what_is_aside_each_once_and_who_it_is_of_since_when() -> None:
    assert saved_lines(saved("a", 4, after(hours=1), "tea", "cup", "tea")) == SavedLines(
        cart_id=cart_id("a"),
        store_id=STORE,
        customer_id="customer-a",
        version=4,
        at=after(hours=1),
        skus=("tea", "cup"),
        begins=True,
        ended="nothing_saved",
    )


def test_what_is_in_the_cart_is_not_aside() -> None:
    told = saved("a", 4, after(), "tea").model_copy(
        update={"lines": (CartLine("cup", 1, 100), CartLine("tea", 1, 100, saved=True))}
    )
    found = saved_lines(told)
    assert found is not None
    assert found.skus == ("tea",)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (noted(), False),
        (added(version=2), False),
        (added(version=1), False),
        (added(version=1).model_copy(update={"lines": ()}), True),
        (added(version=2).model_copy(update={"lines": ()}), False),
        (saved(changed=("owner",)), True),
        (saved(changed=("contact",)), True),
        (saved(changed=("goods", "saved")), True),
        (saved(changed=("goods",)), False),
        (saved().model_copy(update={"lines": None}), False),
        (ordered(), True),
    ],
)
def test_only_what_changes_it_says_something_of_it(told: CartEvent, says: bool) -> None:
    assert (saved_lines(told) is not None) == says


@pytest.mark.parametrize("kind", ["expired", "merged_away"])
def test_nothing_is_aside_in_a_cart_that_is_closed(kind: str) -> None:
    closed = closed_otherwise(kind).model_copy(update={"lines": saved("a", 2, after(), "tea").lines})
    found = saved_lines(closed)
    assert found is not None
    assert (found.skus, found.ended) == ((), "cart_gone")


def test_a_guest_waits_who_has_left_an_address() -> None:
    found = saved_lines(saved("a", 2, after(), "tea", customer=None, recipient_id="guest:1"))
    assert found is not None
    assert (found.customer_id, found.skus, found.begins) == ("guest:1", ("tea",), True)


def test_nothing_of_a_guest_without_an_address_waits_and_nothing_that_no_shopper_set_aside() -> None:
    of_guest = saved_lines(saved("a", 2, after(), "tea", customer=None))
    of_staff = saved_lines(saved("a", 2, after(), "tea", origin="staff"))
    assert of_guest is not None
    assert of_staff is not None
    assert (of_guest.skus, of_guest.ended, of_guest.begins) == ((), "nothing_saved", True)
    assert (of_staff.skus, of_staff.begins) == (("tea",), False)


def test_an_item_of_a_cart_is_known_by_one_id() -> None:
    found = saved_lines(saved("a", 2, after(), "tea"))
    assert found is not None
    assert found.watch_id("tea").bytes == cart_id("a").bytes[:8] + uuid5(cart_id("a"), "tea").bytes[8:]
    assert found.watch_id("cup") != found.watch_id("tea")
    assert found.first_id.bytes == cart_id("a").bytes[:8] + bytes(8)
    assert found.last_id.bytes == cart_id("a").bytes[:8] + b"\xff" * 8
    assert found.first_id < found.watch_id("tea") < found.last_id


def test_a_round_names_a_cart_once_in_the_order_in_which_it_was_told() -> None:
    def of(name: str, version: int) -> SavedLines:
        found = saved_lines(saved(name, version, after(), "tea"))
        assert found is not None
        return found

    told = [of("a", 2), of("a", 3), of("b", 1), of("a", 4), of("b", 2)]
    assert list(in_turn(told)) == [[of("a", 2), of("b", 1)], [of("a", 3), of("b", 2)], [of("a", 4)]]
    assert list(in_turn([])) == []


@pytest.mark.parametrize("reason", ["nothing_saved", "cart_gone"])
def test_why_it_is_over_is_said_in_a_sentence(reason: str) -> None:
    state, why = of_watch(reason, told=True)
    assert state == "over"
    assert reason not in why
