"""A line that is in both carts, where there is no room, or nothing to choose between them."""

from dataclasses import replace

from services.cart.domain.cart import Cart
from services.cart.domain.commands import SaveLine, SetNote, line_id
from services.cart.domain.limits import MAX_LINES, MAX_TOTAL
from services.cart.domain.merge.merge import merge
from tests.unit.cart.carts import add, cart_of, moment
from tests.unit.cart.domain.merge.test_merge import GUEST, after, fates

TEA = line_id("tea", {})


def in_both(own: Cart, guest: Cart, mode: str = "max") -> list[tuple[str, int, int]]:
    cart = after(merge(own, guest, mode, {}, moment(60)), own)
    return [(line.sku, line.quantity, line.price) for line in cart.lines]


def test_a_line_that_is_full_stays_as_it_was_whatever_comes() -> None:
    own, guest = cart_of(add("tea", 999, price=500)), cart_of(add("jam"), add("tea", 1, price=400), **GUEST)
    done = merge(own, guest, "sum", {}, moment(60))
    assert in_both(own, guest, "sum")[0] == ("tea", 999, 500)
    assert fates(done)[1] == ("tea", "kept", 999, 1, "limit")


def test_of_two_lines_that_were_changed_at_once_the_customers_price_counts() -> None:
    own, guest = cart_of(add("tea", 1, price=500)), cart_of(add("tea", 2, price=400), **GUEST)
    assert own.lines[0].updated_at == guest.lines[0].updated_at
    assert in_both(own, guest) == [("tea", 2, 500)]


def test_the_price_that_the_guest_saw_last_is_that_of_the_line() -> None:
    own, guest = cart_of(add("tea", 1, price=500)), cart_of(add("jam"), add("tea", 2, price=400), **GUEST)
    assert in_both(own, guest)[0] == ("tea", 2, 400)


def test_a_line_stays_where_the_guests_price_would_leave_no_room_for_it() -> None:
    [gold, tea] = cart_of(add("gold"), add("tea", 5, price=1)).lines
    rich = replace(cart_of(), currency="EUR", lines=(replace(gold, price=MAX_TOTAL - 10, total=MAX_TOTAL - 10), tea))
    guest = cart_of(add("jam", price=1), add("milk", price=1), add("tea", 2, price=100), **GUEST)
    done = merge(rich, guest, "guest_wins", {}, moment(60))
    assert fates(done)[2] == ("tea", "kept", 5, 0, None)
    assert done.lines[2].dropped == 0
    assert after(done, rich).holds()["tea"] == 5


def test_a_note_of_either_is_kept_and_that_of_the_newer_line_wins() -> None:
    own = cart_of(add("tea", 1), SetNote(TEA, "ours"))
    bare, noted = cart_of(add("tea", 2), **GUEST), cart_of(add("jam"), add("tea", 2), SetNote(TEA, "theirs"), **GUEST)
    assert after(merge(own, bare, "max", {}, moment(60)), own).lines[0].note == "ours"
    assert after(merge(own, noted, "max", {}, moment(60)), own).lines[0].note == "theirs"


def full_shelf(cart: Cart) -> Cart:
    [saved] = cart_of(add("shelf"), SaveLine(line_id("shelf", {}))).saved
    return replace(cart, saved=tuple(replace(saved, line_id=line_id(f"shelf-{n}", {})) for n in range(MAX_LINES)))


def test_what_fits_nowhere_is_dropped_and_told() -> None:
    own = full_shelf(cart_of(add("tea", 2)))
    guest = cart_of(add("jam", 3, currency="PLN"), add("milk", 2, currency="PLN"), **GUEST)
    guest = replace(guest, saved=cart_of(add("cup", 4), SaveLine(line_id("cup", {}))).saved)
    told = merge(own, guest, "max", {}, moment(60)).lines
    assert [(line.sku, line.fate, line.quantity, line.set_aside, line.dropped, line.reason) for line in told] == [
        ("jam", "dropped", 0, 0, 3, "currency"),
        ("milk", "dropped", 0, 0, 2, "currency"),
        ("cup", "dropped", 0, 0, 4, "limit"),
    ]


def test_the_customers_own_lines_that_fit_nowhere_are_dropped_and_told() -> None:
    own = full_shelf(cart_of(add("tea", 2)))
    [tea, jam] = merge(own, cart_of(add("jam"), **GUEST), "save_for_later", {}, moment(60)).lines
    assert (tea.fate, tea.quantity, tea.own_quantity, tea.guest_quantity) == ("dropped", 0, 2, 0)
    assert (tea.set_aside, tea.dropped, tea.reason) == (0, 2, "mode")
    assert (jam.fate, jam.quantity) == ("added", 1)


def test_a_guest_who_has_no_lines_sets_none_of_the_customers_aside() -> None:
    own, guest = cart_of(add("tea", 2)), cart_of(add("jam"), SaveLine(line_id("jam", {})), **GUEST)
    cart = after(merge(own, guest, "save_for_later", {}, moment(60)), own)
    assert (cart.holds(), [line.sku for line in cart.saved]) == ({"tea": 2}, ["jam"])
