"""What is remembered is the answer of the function, of this very object."""

from dataclasses import replace
from datetime import UTC, datetime

from pydantic import TypeAdapter

from services.cart.domain.cart import Cart, Context, Line, no_cart_yet
from services.cart.domain.cart_json import line_json, lines_json
from services.cart.domain.commands import AddLine, SaveLine
from services.cart.domain.copies import changed
from services.cart.domain.decide import decide
from services.cart.domain.remembered import Remembered
from services.cart.domain.size import cart_bytes, line_bytes


class Numbers:
    """What answers can be remembered of."""

    __slots__ = ("numbers", "total")

    def __init__(self, *numbers: int) -> None:
        self.numbers = numbers


def test_it_is_worked_out_once_for_an_object_and_anew_for_its_twin():
    asked: list[Numbers] = []

    def total(of: Numbers) -> int:
        asked.append(of)
        return sum(of.numbers)

    known, one, twin = Remembered("total", total), Numbers(1, 2), Numbers(1, 2)
    assert [known(one), known(one), known(twin), known(twin)] == [3, 3, 3, 3]
    assert [first is second for first, second in zip(asked, [one, twin], strict=True)] == [True, True]


def test_a_copy_of_a_line_knows_nothing_of_what_was_worked_out_of_the_other():
    (cart,) = shopping(1)
    (line,), _, _ = cart.lines, lines_json(cart), cart_bytes(cart)
    longer = replace(line, title=line.title * 2)
    assert line_json(longer) == TypeAdapter(Line).dump_json(longer) != line_json(line)
    assert changed(line, title=line.title * 2) == longer
    assert line_json(changed(line, title=line.title * 2)) == line_json(longer)


def shopping(steps: int) -> list[Cart]:
    """A cart after each of so many adds, some of what is there already, some set aside."""
    cart, found = no_cart_yet("shop", "anna", Context(datetime.now(UTC))), []
    for number in range(steps):
        title = f"Чай №{number % 4}" if number % 3 else 'a "quoted" title'
        options = {"size": "M"} if number % 2 else {}
        add = AddLine(sku=f"sku-{number % 5}", title=title, price=500 + number, currency="EUR", options=options)
        change = decide(cart, add, Context(datetime.now(UTC), "phone"))
        assert change is not None
        cart = change.cart
        if number % 7 == 6:
            change = decide(cart, SaveLine(cart.lines[0].line_id), Context(datetime.now(UTC)))
            assert change is not None
            cart = change.cart
        found.append(cart)
    return found


def test_lines_and_sizes_are_those_that_are_worked_out_anew():
    whole = TypeAdapter(tuple[Line, ...])
    for cart in shopping(40):
        fresh = replace(cart, lines=tuple(replace(line) for line in cart.lines))
        assert lines_json(cart) == lines_json(fresh) == whole.dump_json(cart.lines)
        sizes = sum(map(line_bytes, (*cart.lines, *cart.saved)))
        assert cart_bytes(cart) == cart_bytes(fresh) == sizes


def test_an_empty_cart_has_no_lines_in_json():
    assert lines_json(no_cart_yet("shop", None, Context(datetime.now(UTC)))) == b"[]"


def test_of_many_those_that_are_not_known_yet_are_worked_out():
    asked: list[Numbers] = []

    def total(of: Numbers) -> int:
        asked.append(of)
        return sum(of.numbers)

    known, three = Remembered("total", total), [Numbers(1), Numbers(2), Numbers(3)]
    known(three[1])
    assert known.each(three) == [1, 2, 3]
    assert asked == [three[1], three[0], three[2]]
    assert known.each([]) == []
