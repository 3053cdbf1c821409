"""What is remembered is the answer of the function, of this very object."""

from dataclasses import replace
from datetime import UTC, datetime

from pydantic import TypeAdapter

from services.cart.domain.by_identity import ByIdentity
from services.cart.domain.cart import Cart, Context, Line, no_cart_yet
from services.cart.domain.cart_json import lines_json
from services.cart.domain.commands import AddLine, SaveLine
from services.cart.domain.decide import decide
from services.cart.domain.size import cart_bytes, line_bytes


def test_it_is_worked_out_once_for_an_object_and_anew_for_its_twin():
    asked: list[list[int]] = []

    def total(numbers: list[int]) -> int:
        asked.append(numbers)
        return sum(numbers)

    known, one, twin = ByIdentity(total), [1, 2], [1, 2]
    assert [known(one), known(one), known(twin), known(twin)] == [3, 3, 3, 3]
    assert [first is second for first, second in zip(asked, [one, twin], strict=True)] == [True, True]


def test_a_number_that_another_object_had_is_never_taken_for_it():
    known: ByIdentity[list[int], int] = ByIdentity(lambda numbers: numbers[0])
    assert [known([number]) for number in range(1000)] == list(range(1000))


def test_what_is_held_has_a_bound():
    asked: list[str] = []

    def noted(word: str) -> str:
        asked.append(word)
        return word

    known, words = ByIdentity(noted, most=3), ["a", "b", "c", "d"]
    for word in words:
        known(word)
    assert known("d") == "d"
    assert asked == words, "the newest is known"
    known("c")
    assert asked == [*words, "c"], "what was there before the fourth is forgotten"
    known("d")
    assert asked == [*words, "c"]


def test_twenty_thousand_objects_are_remembered_which_is_some_20_mb_of_lines():
    asked: list[str] = []
    known: ByIdentity[str, None] = ByIdentity(asked.append)
    words = [f"word {number}" for number in range(20_001)]
    known.each([*words[:-1], words[0]])
    assert asked == words[:-1], "the first is known still"
    known.each([words[-1], words[0]])
    assert asked == [*words, words[0]], "one more than that, and it is forgotten"


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
    asked: list[str] = []

    def noted(word: str) -> str:
        asked.append(word)
        return word.upper()

    known, words = ByIdentity(noted, most=2), ["a", "b", "c"]
    known(words[1])
    assert known.each(words) == ["A", "B", "C"]
    assert asked == ["b", "a", "c"]
    assert known.each([]) == []
